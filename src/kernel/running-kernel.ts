import type { HostCapabilities } from '../domain/capabilities.ts';
import { KernelFileError } from './kernel-file-error.ts';
import { orFailure, type KernelFiles } from './kernel-files.ts';
import type { KernelLayout } from './kernel-layout.ts';
import { isAbsent } from './system-failure.ts';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';
const RELEASE = '/proc/sys/kernel/osrelease';
const MODULES = '/proc/modules';
const ONLINE = '/sys/devices/system/cpu/online';
/** `0-3,5,8-11` */
const RANGES = /^\d+(-\d+)?(,\d+(-\d+)?)*\n?$/;

/** Changes with each boot; `undefined` if it cannot be read. */
export async function readBootId(files: KernelFiles): Promise<string | undefined> {
  const text = await orFailure(files.readText(BOOT_ID));
  return text instanceof KernelFileError ? undefined : text.trim();
}

/** As `uname -r`; `undefined` if it cannot be read. */
export async function readRelease(files: KernelFiles): Promise<string | undefined> {
  const text = await orFailure(files.readText(RELEASE));
  return text instanceof KernelFileError ? undefined : text.trim();
}

/** Number of CPUs that are online; `undefined` if it cannot be read. */
export async function readProcessors(files: KernelFiles): Promise<number | undefined> {
  const text = await orFailure(files.readText(ONLINE));
  if (text instanceof KernelFileError || !RANGES.test(text)) return undefined;
  return text
    .trim()
    .split(',')
    .map((range) => range.split('-').map(Number))
    .reduce((sum, [first = 0, last = first]) => sum + last - first + 1, 0);
}

/** Whether conntrack is built into this kernel and not loaded as a module; `null` if unknown. */
export async function isBuiltIn(files: KernelFiles, layout: KernelLayout): Promise<boolean | null> {
  const modules = await orFailure(files.readText(MODULES));
  // A kernel built without CONFIG_MODULES has no such file.
  if (modules instanceof KernelFileError) return isAbsent(modules.failure) ? true : null;
  if (modules.split('\n').some((line) => line.startsWith(`${layout.name} `))) return false;
  return (await files.exists(layout.moduleDirectory)) ? true : null;
}

/** Modern kernels have the alias of `max` in the initial network namespace only. Legacy kernels have no other network namespaces. */
export async function networkNamespace(files: KernelFiles, layout: KernelLayout): Promise<HostCapabilities['namespace']> {
  if (layout.name === 'ip_conntrack') return 'initial';
  return (await files.exists(layout.maxAlias)) ? 'initial' : 'child';
}
