import { KernelEntries, type EntriesToDelete, type EntryScope } from '../../application/ports/kernel.ts';
import type { DumpActivity } from '../../domain/activity.ts';
import type { Deletion } from '../../domain/deletion.ts';
import type { SummaryAnswer, SummaryRequest } from '../../domain/entry-summary.ts';
import type { DumpSummary, Entry, EntryPage, StreamFormat } from '../../domain/entry.ts';
import { EVERY_ENTRY, type Filter } from '../../domain/filter/filter.ts';
import { parseEntryId } from '../entries/entry-id.ts';
import { KernelFiles } from '../kernel-files.ts';
import { requireLayout, type KernelLayout } from '../kernel-layout.ts';
import type { NamedNamespaces } from '../named-namespaces.ts';
import { bucketsFiles } from '../procfs/buckets.ts';
import type { TableGate } from '../table-gate.ts';
import { splitDump, undivided } from './split-dump.ts';
import type { DumpJob, DumpOutput, DumpSource } from './dump-job.ts';
import { summaryOf, untilEnd, type Begun } from './begun-pass.ts';
import { DumpPass, type PassEnd, type Refusal } from './dump-pass.ts';
import { entryNotFound, entryReplaced, isNetlinkMissing, notWithoutNetlink, refusedDump, brokenOff } from './dump-errors.ts';
import { DumpSlots } from './dump-slots.ts';
import { DumpStream } from './dump-stream.ts';
import { DumpWorkers } from './dump-workers.ts';

export interface DumpLimits {
  /** Dumps under way at once, streams and all others together. */
  readonly maxDumps: number;
  /** How long a chunk of a stream may wait to be taken before the dump is interrupted. */
  readonly patienceMilliseconds: number;
  /** How long a stream may take in all: one that is taken drop by drop must not keep its place either. */
  readonly longestMilliseconds: number;
}

const LIMITS: DumpLimits = { maxDumps: 12, patienceMilliseconds: 60_000, longestMilliseconds: 900_000 };
const CTNETLINK = 'ctnetlink';

/** Entries over ctnetlink where the kernel lets us, else from the text in /proc/net. All passes share a few threads. */
export class HostEntries extends KernelEntries {
  private readonly files: KernelFiles;
  private readonly gate: TableGate;
  private readonly namespaces: NamedNamespaces;
  private readonly limits: DumpLimits;
  private readonly threads = new DumpWorkers();
  private readonly slots: DumpSlots;

  /** @param root `/`, or a directory with a kernel tree in it, whose entries are then read as text */
  constructor(root: string, gate: TableGate, namespaces: NamedNamespaces, limits: Partial<DumpLimits> = {}) {
    super();
    this.files = new KernelFiles(root);
    this.gate = gate;
    this.namespaces = namespaces;
    this.limits = { ...LIMITS, ...limits };
    this.slots = new DumpSlots(this.limits.maxDumps);
  }

  /** Starts the threads, so that the first dump need not wait for them. */
  override warmUp(): void {
    this.threads.start();
  }

  override close(): Promise<void> {
    return this.threads.close();
  }

  activity(): DumpActivity {
    return this.slots.activity();
  }

  /** @throws ConntrackError also `KERNEL_UNREADABLE` where reading broke off: a page with a gap would lose entries for good */
  async page(filter: Filter, limit: number, after = '', scope: EntryScope = {}): Promise<EntryPage> {
    const { end, begun } = await this.whole(filter, { kind: 'page', limit, after }, scope);
    const page = end.results[0]?.page ?? { entries: [] };
    return { ...page, summary: summaryOf(end, begun) };
  }

  async count(filter: Filter, scope: EntryScope = {}): Promise<DumpSummary> {
    const { end, begun } = await this.whole(filter, { kind: 'count' }, scope);
    return summaryOf(end, begun);
  }

  async summarise(filter: Filter, request: SummaryRequest, scope: EntryScope = {}): Promise<SummaryAnswer> {
    const { end, begun } = await this.whole(filter, { kind: 'summary', request }, scope);
    const summary = end.results[0]?.summary;
    if (!summary) throw brokenOff(begun.source, 'it gave no summary');
    return { ...summary, summary: summaryOf(end, begun) };
  }

  async stream(
    filter: Filter,
    format: StreamFormat,
    scope: EntryScope & { readonly limit?: number } = {},
  ): Promise<AsyncIterable<Uint8Array>> {
    const { limit } = scope;
    const begun = await this.begin(filter, { kind: 'stream', format, ...(limit !== undefined && { limit }) }, scope);
    const { patienceMilliseconds, longestMilliseconds } = this.limits;
    const patience = { chunkMilliseconds: patienceMilliseconds, wholeMilliseconds: longestMilliseconds };
    return new DumpStream(begun.pass, begun.parts, format, (end) => summaryOf(end, begun), patience);
  }

  async find(id: string, scope: EntryScope = {}): Promise<Entry> {
    const source = await this.entrySource(id, false, scope);
    const { end } = await this.pass([{ ...(await this.job(source)), filter: EVERY_ENTRY, output: { kind: 'page', limit: 1, after: '' } }]);
    const entry = end.results[0]?.page?.entries[0];
    if (!entry) throw entryNotFound(id);
    if (entry.id !== id) throw entryReplaced(id, entry.id);
    return entry;
  }

  async delete(what: EntriesToDelete, keep: number, scope: EntryScope = {}): Promise<Deletion> {
    if (what.kind === 'entry') await this.find(what.id, scope);
    const source = what.kind === 'entry' ? await this.entrySource(what.id, true, scope) : await this.netlinkSource(scope);
    const [filter, limit] = what.kind === 'entry' ? [EVERY_ENTRY, 1] : [what.filter, what.limit];
    const { end } = await this.pass([{ ...(await this.job(source)), filter, output: { kind: 'delete', limit, keep } }], true);
    const deletion = end.results[0]?.deletion;
    // Not a refusal: whatever was deleted until then is deleted.
    if (!deletion) throw new Error(`Deleting broke off, and how many entries were deleted is not known: ${end.reason ?? 'no result'}.`);
    if (end.reason === undefined || deletion.failure) return deletion;
    return { ...deletion, failure: { code: 'INTERRUPTED', message: end.reason } };
  }

  /** A pass of which nothing is given out before its end. */
  private async whole(filter: Filter, output: DumpOutput, scope: EntryScope): Promise<{ readonly end: PassEnd; readonly begun: Begun }> {
    const begun = await this.begin(filter, output, scope);
    return { end: await untilEnd(begun), begun };
  }

  /** ctnetlink, and the text where the kernel has no ctnetlink or does not let us. */
  private async begin(filter: Filter, output: DumpOutput, scope: EntryScope): Promise<Begun> {
    const layout = await requireLayout(this.files);
    const namespacePath = await this.namespaces.pathOf(scope.namespace);
    const job = { ...(await this.job()), filter, output };
    if (this.canUseNetlink(layout)) {
      const source = { kind: 'netlink' as const, ...(namespacePath !== undefined && { namespacePath }) };
      const canBeJoined = output.kind === 'count' || (output.kind === 'stream' && output.limit === undefined);
      const { parts, isPrefiltered } = canBeJoined ? splitDump(filter, this.threads.size) : undivided(filter);
      const begun = await this.open(
        parts.map((part) => ({ ...job, source, filter: part })),
        CTNETLINK,
      );
      if (!('refusal' in begun)) return { ...begun, isPrefiltered };
      if (namespacePath !== undefined || !isNetlinkMissing(begun.refusal)) throw refusedDump(CTNETLINK, begun.refusal);
    } else if (namespacePath !== undefined) throw notWithoutNetlink('Other network namespaces');
    const begun = await this.open([{ ...job, source: { kind: 'text', path: this.files.place(layout.dump) } }], layout.dump);
    if ('refusal' in begun) throw refusedDump(layout.dump, begun.refusal);
    return begun;
  }

  private async netlinkSource(scope: EntryScope): Promise<DumpSource> {
    const namespacePath = await this.namespaces.pathOf(scope.namespace);
    if (!this.canUseNetlink(await requireLayout(this.files))) throw notWithoutNetlink('Deleting entries');
    return { kind: 'netlink', ...(namespacePath !== undefined && { namespacePath }) };
  }

  private async entrySource(id: string, exactly: boolean, scope: EntryScope): Promise<DumpSource> {
    if (!parseEntryId(id)) throw entryNotFound(id);
    const namespacePath = await this.namespaces.pathOf(scope.namespace);
    if (!this.canUseNetlink(await requireLayout(this.files))) throw notWithoutNetlink('Looking for one entry');
    return { kind: 'entry', id, exactly, ...(namespacePath !== undefined && { namespacePath }) };
  }

  private canUseNetlink(layout: KernelLayout): boolean {
    return layout.name === 'nf_conntrack' && !this.files.isElsewhere;
  }

  private async job(source: DumpSource = { kind: 'netlink' }): Promise<Pick<DumpJob, 'source' | 'bucketsPaths'>> {
    return { source, bucketsPaths: bucketsFiles(await requireLayout(this.files)).map((path) => this.files.place(path)) };
  }

  /** One pass over ctnetlink to its end. @param mayBreakOff whether what was done until then still counts */
  private async pass(jobs: readonly DumpJob[], mayBreakOff = false): Promise<{ readonly end: PassEnd }> {
    const begun = await this.open(jobs, CTNETLINK);
    if ('refusal' in begun) throw refusedDump(CTNETLINK, begun.refusal);
    return { end: await untilEnd(begun, mayBreakOff) };
  }

  /** @throws ConntrackError `TOO_MANY_DUMPS` */
  private async open(jobs: readonly DumpJob[], source: string): Promise<Begun | { readonly refusal: Refusal }> {
    const free = this.slots.take(jobs.some(({ source: { kind } }) => kind !== 'entry'));
    let stop: (reason: string) => void = () => undefined;
    const leave = await this.gate.enter((reason) => {
      stop(reason);
    });
    const pass = new DumpPass(jobs.length, (hear) => this.threads.run(jobs, hear));
    stop = (reason) => {
      pass.stop(reason);
    };
    void pass.ended.then(() => {
      free();
      leave();
    });
    const refusal = await pass.untilOpened();
    return refusal ? { refusal } : { pass, parts: jobs.length, source, isPrefiltered: false };
  }
}
