import { KernelEntries } from '../../application/ports/kernel.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { EntryFilter, EntryPage, StreamFormat } from '../../domain/entry.ts';
import { KernelFileError } from '../kernel-file-error.ts';
import { KernelFiles } from '../kernel-files.ts';
import { requireLayout, type KernelLayout } from '../layout.ts';
import { isAbsent } from '../system-failure.ts';
import { bucketsFiles } from './buckets.ts';
import { Dump } from './dump.ts';
import type { DumpJob, DumpMessage } from './dump-messages.ts';
import { DumpStream } from './dump-stream.ts';
import { NO_PROCFS_REMEDY } from './table.ts';

export interface DumpLimits {
  /** Dumps under way at once, streams and pages together. */
  readonly maxDumps: number;
  /** How long a chunk of a stream may wait to be taken before the dump is interrupted. */
  readonly patienceMilliseconds: number;
}

const LIMITS: DumpLimits = { maxDumps: 4, patienceMilliseconds: 60_000 };

/** Entries from the text dump in /proc/net, each dump in a thread of its own. */
export class ProcfsEntries extends KernelEntries {
  private readonly files: KernelFiles;
  private readonly limits: DumpLimits;
  private running = 0;

  /** @param root `/`, or a directory with a kernel tree in it */
  constructor(root: string, limits: Partial<DumpLimits> = {}) {
    super();
    this.files = new KernelFiles(root);
    this.limits = { ...LIMITS, ...limits };
  }

  /** @throws ConntrackError also `KERNEL_UNREADABLE` where reading broke off: a page with a gap would lose entries for good */
  async page(filter: EntryFilter, limit: number, after = ''): Promise<EntryPage> {
    const { dump, source } = await this.open(filter, { kind: 'page', limit, after });
    const message = await dump.take();
    await dump.ended;
    if (message.kind !== 'end' || !message.page || message.outcome === 'interrupted') throw brokenOff(source, message);
    const { outcome, tally, page } = message;
    return { ...page, summary: { outcome, ...tally, source } };
  }

  async stream(filter: EntryFilter, format: StreamFormat): Promise<AsyncIterable<Uint8Array>> {
    const { dump, source } = await this.open(filter, { kind: 'stream', format });
    return new DumpStream(dump, format, source, this.limits.patienceMilliseconds);
  }

  private async open(filter: EntryFilter, output: DumpJob['output']): Promise<{ readonly dump: Dump; readonly source: string }> {
    const layout = await requireLayout(this.files);
    const dump = this.start(layout, filter, output);
    const message = await dump.take();
    if (message.kind === 'opened') return { dump, source: layout.dump };
    await dump.ended;
    throw message.kind === 'unreadable' ? unreadable(layout, message) : brokenOff(layout.dump, message);
  }

  private start(layout: KernelLayout, filter: EntryFilter, output: DumpJob['output']): Dump {
    const { maxDumps } = this.limits;
    if (this.running >= maxDumps) {
      const remedy = 'Wait for one to finish, or end one.';
      throw new ConntrackError('TOO_MANY_DUMPS', `Already ${String(maxDumps)} dumps of the table are under way.`, { remedy });
    }
    const bucketsPaths = bucketsFiles(layout).map((path) => this.files.place(path));
    const dump = new Dump({ path: this.files.place(layout.dump), bucketsPaths, filter, output });
    this.running += 1;
    void dump.ended.then(() => (this.running -= 1));
    return dump;
  }
}

function unreadable({ dump }: KernelLayout, { failure }: DumpMessage & { readonly kind: 'unreadable' }): ConntrackError {
  const error = new KernelFileError('read', dump, failure);
  return error.toConntrackError('KERNEL_UNREADABLE', isAbsent(failure) ? NO_PROCFS_REMEDY : undefined);
}

function brokenOff(source: string, message: DumpMessage): ConntrackError {
  const reason = 'reason' in message ? message.reason : 'its thread spoke out of turn';
  return new ConntrackError('KERNEL_UNREADABLE', `Reading ${source} did not finish: ${reason}.`, { remedy: 'Try again.' });
}
