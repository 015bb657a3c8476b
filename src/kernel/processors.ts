import { KernelFileError } from './kernel-file-error.ts';
import { orFailure, type KernelFiles } from './kernel-files.ts';

const ONLINE = '/sys/devices/system/cpu/online';
/** `0-3,5,8-11` */
const RANGES = /^\d+(-\d+)?(,\d+(-\d+)?)*\n?$/;

/** Processors that are online; `undefined` where that cannot be read. */
export async function readProcessors(files: KernelFiles): Promise<number | undefined> {
  const text = await orFailure(files.readText(ONLINE));
  if (text instanceof KernelFileError || !RANGES.test(text)) return undefined;
  return text
    .trim()
    .split(',')
    .map((range) => range.split('-').map(Number))
    .reduce((sum, [first = 0, last = first]) => sum + last - first + 1, 0);
}
