import { KernelFileError } from '../kernel-file-error.ts';
import { orFailure, type KernelFiles } from '../kernel-files.ts';
import type { KernelLayout } from '../kernel-layout.ts';

export const LOGS = ['/var/log/dmesg', '/var/log/kern.log', '/var/log/messages'];
export const LOG_TAIL_BYTES = 1_048_576;

/** What the kernel logged when connection tracking was loaded. */
export interface LoadLine {
  readonly buckets: number;
  readonly max: number;
  /** Path of the log. */
  readonly source: string;
}

/** `ip_conntrack version 2.4 (8192 buckets, 65536 max)`. The last line is that of the running kernel. `undefined`: no log has one. */
export async function readLoadLine(files: KernelFiles, layout: KernelLayout): Promise<LoadLine | undefined> {
  const pattern = new RegExp(`${layout.name} version [^\\n(]*\\((\\d+) buckets, (\\d+) max\\)`, 'g');
  for (const source of LOGS) {
    const text = await orFailure(files.readTail(source, LOG_TAIL_BYTES));
    const line = text instanceof KernelFileError ? undefined : [...text.matchAll(pattern)].at(-1);
    if (line) return { buckets: Number(line[1]), max: Number(line[2]), source };
  }
  return undefined;
}
