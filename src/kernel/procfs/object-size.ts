import type { ObjectReading } from '../../domain/table.ts';
import { KernelFileError } from '../kernel-file-error.ts';
import { orFailure, type KernelFiles } from '../kernel-files.ts';
import type { KernelLayout } from '../kernel-layout.ts';
import { LOGS, LOG_TAIL_BYTES } from './kernel-log.ts';

export const SLABINFO = '/proc/slabinfo';

/** `failures`: why each source has no size, in the order tried. */
export type ObjectSize = { readonly object: ObjectReading } | { readonly failures: readonly [KernelFileError, ...KernelFileError[]] };

/**
 * Size of the kernel object of one entry, from the first source that has it: the directory of its slab cache, the list of all slab caches (for
 * which the kernel counts the objects of each), a kernel log.
 */
export async function readObjectSize(files: KernelFiles, layout: KernelLayout): Promise<ObjectSize> {
  const measured = await orFailure(fromSlabDirectory(files, layout));
  if (!(measured instanceof KernelFileError)) return { object: measured };
  const failures: [KernelFileError, ...KernelFileError[]] = [measured];
  for (const source of [fromSlabinfo, ...LOGS.map(fromLog)]) {
    const object = await orFailure(source(files, layout));
    if (!(object instanceof KernelFileError)) return { object };
    failures.push(object);
  }
  return { failures };
}

/** Older kernels have one cache per network namespace: `nf_conntrack_ffffffff81e3a5c0`, `nf_conntrack_1`. */
async function fromSlabinfo(files: KernelFiles, layout: KernelLayout): Promise<ObjectReading> {
  const pattern = new RegExp(`^${layout.name}(?:_[0-9a-f]+)? +(\\d+) +\\d+ +(\\d+) `, 'gm');
  const caches = [...(await files.readText(SLABINFO)).matchAll(pattern)];
  const bytes = Number(caches[0]?.[2]);
  if (!Number.isSafeInteger(bytes)) throw absent(SLABINFO, `it has no ${layout.name} cache`);
  return { bytes, active: caches.reduce((sum, [, active]) => sum + Number(active), 0), source: SLABINFO };
}

async function fromSlabDirectory(files: KernelFiles, layout: KernelLayout): Promise<ObjectReading> {
  const directory = `/sys/kernel/slab/${layout.name}`;
  // With alignment, as in the slab list.
  const aligned = await orFailure(files.readNumber(`${directory}/slab_size`));
  const path = `${directory}/${aligned instanceof KernelFileError ? 'object_size' : 'slab_size'}`;
  // `240032 N0=240032`: the objects in use, in total and by memory node.
  const objects = await orFailure(files.readText(`${directory}/objects`));
  const active = objects instanceof KernelFileError ? undefined : /^\d+/.exec(objects)?.[0];
  const bytes = aligned instanceof KernelFileError ? await files.readNumber(path) : aligned;
  return { bytes, ...(active !== undefined && { active: Number(active) }), source: path };
}

/** `ip_conntrack version 2.4 (8192 buckets, 65536 max) - 304 bytes per conntrack`; the last line is that of the running kernel. */
function fromLog(path: string): typeof fromSlabDirectory {
  return async (files, layout) => {
    const pattern = new RegExp(`${layout.name} version [^\\n]* - (\\d+) bytes per conntrack`, 'g');
    const line = [...(await files.readTail(path, LOG_TAIL_BYTES)).matchAll(pattern)].at(-1);
    if (!line) throw absent(path, `it has no line with "bytes per conntrack" of ${layout.name} near its end`);
    return { bytes: Number(line[1]), source: path };
  };
}

function absent(path: string, message: string): KernelFileError {
  return new KernelFileError('read', path, { code: 'ABSENT', message });
}
