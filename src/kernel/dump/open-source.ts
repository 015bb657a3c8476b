import { EVERY_ENTRY } from '../../domain/filter/filter.ts';
import type { EntrySource } from '../entries/entry-source.ts';
import type { KernelFilter } from '../netlink/kernel-filter.ts';
import { NetlinkSource } from '../netlink/netlink-source.ts';
import { pushDown } from '../netlink/push-down.ts';
import { SingleEntrySource } from '../netlink/single-entry-source.ts';
import { NetlinkError } from '../netlink/netlink-socket.ts';
import { TextSource } from '../procfs/text-source.ts';
import { type DumpJob, sampleSizeOf } from './dump-job.ts';
import { NO_TABLE } from './update-output.ts';

/** Opens a source in the network namespace of the thread. @throws NetlinkError, or an error of `node:fs`, if it cannot be read */
export function openSource({ source, filter, output }: DumpJob): EntrySource {
  switch (source.kind) {
    case 'text':
      return new TextSource(source.path);
    case 'entry':
      return new SingleEntrySource(source.id, source.exactly, source.startedAt);
    case 'none':
      return NO_TABLE;
    case 'netlink':
      // The entries of a sample that do not match are counted, so the kernel must not leave them out.
      return openNetlink(pushDown(sampleSizeOf(output) === undefined ? filter : EVERY_ENTRY));
  }
}

/** Errors of a kernel that does not support a filter: built without marks, or too old for an attribute. */
const FILTER_UNKNOWN: readonly string[] = ['ENOTSUP', 'EINVAL'];

/** If the kernel refuses the filter, opens without it: the filter only saves work. All kernels support the family. */
function openNetlink(filter: KernelFilter): NetlinkSource {
  const { family, ...rest } = filter;
  try {
    return new NetlinkSource(filter);
  } catch (error) {
    const isRefused = error instanceof NetlinkError && FILTER_UNKNOWN.includes(error.failure.code) && Object.keys(rest).length > 0;
    if (!isRefused) throw error;
    return new NetlinkSource(family === undefined ? {} : { family });
  }
}
