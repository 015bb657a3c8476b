import { KernelEntries, type EntriesToDelete, type EntryScope } from '../../application/ports/kernel.ts';
import type { DumpActivity } from '../../domain/activity.ts';
import type { Deletion, EndOptions } from '../../domain/deletion.ts';
import type { EntryResult, EntryTarget } from '../../domain/entry-update.ts';
import type { SummaryAnswer, SummaryRequest } from '../../domain/entry-summary.ts';
import type { DumpSummary, Entry, EntryPage, StreamFormat } from '../../domain/entry.ts';
import { EVERY_ENTRY, type Filter } from '../../domain/filter/filter.ts';
import { parseEntryId } from '../entries/entry-id.ts';
import { CTNETLINK } from '../ctnetlink-access.ts';
import { KernelFiles } from '../kernel-files.ts';
import { requireLayout, sysctlPath, type KernelLayout } from '../kernel-layout.ts';
import type { NamedNamespaces } from '../named-namespaces.ts';
import { bucketsFiles } from '../procfs/buckets.ts';
import type { TableGate } from '../table-gate.ts';
import { splitDump, unsplit } from './split-dump.ts';
import { type DumpJob, type DumpOutput, type DumpSource, type NamespaceAt, sampleSizeOf } from './dump-job.ts';
import { summaryOf, untilEnd, type OpenedPass } from './opened-pass.ts';
import { DumpPass, type PassEnd, type Refusal } from './dump-pass.ts';
import {
  dumpRefused,
  entryNotFound,
  entryReplaced,
  entryRestarted,
  isNetlinkMissing,
  readingFailed,
  requiresNetlink,
} from './dump-errors.ts';
import { DumpSlots } from './dump-slots.ts';
import { DumpStream } from './dump-stream.ts';
import { OutputMemory } from './output-memory.ts';
import { DumpWorkers } from './dump-workers.ts';

export interface DumpLimits {
  /** Dumps that run at once, streams and others together. */
  readonly maxDumps: number;
  /** How long a client may take to read one chunk of a stream before the dump is interrupted. */
  readonly chunkTimeoutMilliseconds: number;
  /** How long a stream may take in total, so that a very slow client does not keep its slot. */
  readonly streamTimeoutMilliseconds: number;
}

const LIMITS: DumpLimits = { maxDumps: 12, chunkTimeoutMilliseconds: 60_000, streamTimeoutMilliseconds: 900_000 };

/** Reads entries over ctnetlink if the kernel permits it, otherwise from the text in /proc/net. All passes share a few workers. */
export class HostEntries extends KernelEntries {
  private readonly files: KernelFiles;
  private readonly gate: TableGate;
  private readonly namespaces: NamedNamespaces;
  private readonly limits: DumpLimits;
  private readonly workers = new DumpWorkers();
  private readonly slots: DumpSlots;
  private readonly memory = new OutputMemory();

  /** @param root `/`, or a directory with a kernel tree, whose entries are read as text */
  constructor(root: string, gate: TableGate, namespaces: NamedNamespaces, limits: Partial<DumpLimits> = {}) {
    super();
    this.files = new KernelFiles(root);
    this.gate = gate;
    this.namespaces = namespaces;
    this.limits = { ...LIMITS, ...limits };
    this.slots = new DumpSlots(this.limits.maxDumps);
  }

  override close(): Promise<void> {
    return this.workers.close();
  }

  activity(): DumpActivity {
    return this.slots.activity();
  }

  /** @throws ConntrackError also `KERNEL_UNREADABLE` if reading failed: a page with a gap would hide entries from the client */
  async page(filter: Filter, limit: number, after = '', scope: EntryScope = {}): Promise<EntryPage> {
    const { end, opened } = await this.runToEnd(filter, { kind: 'page', limit, after }, scope);
    const page = end.results[0]?.page ?? { entries: [] };
    return { ...page, summary: summaryOf(end, opened) };
  }

  async count(filter: Filter, scope: EntryScope = {}): Promise<DumpSummary> {
    const { end, opened } = await this.runToEnd(filter, { kind: 'count' }, scope);
    return summaryOf(end, opened);
  }

  async summarise(filter: Filter, request: SummaryRequest, scope: EntryScope = {}): Promise<SummaryAnswer> {
    const { end, opened } = await this.runToEnd(filter, { kind: 'summary', request, part: 0, parts: 1 }, scope);
    const summary = end.results.find((result) => result.summary)?.summary;
    if (!summary) throw readingFailed(opened.source, 'there is no summary');
    return { ...summary, summary: summaryOf(end, opened) };
  }

  async stream(
    filter: Filter,
    format: StreamFormat,
    scope: EntryScope & { readonly limit?: number } = {},
  ): Promise<AsyncIterable<Uint8Array>> {
    const { limit } = scope;
    const opened = await this.start(filter, { kind: 'stream', format, ...(limit !== undefined && { limit }) }, scope);
    const { chunkTimeoutMilliseconds, streamTimeoutMilliseconds } = this.limits;
    const timeouts = { chunkMilliseconds: chunkTimeoutMilliseconds, totalMilliseconds: streamTimeoutMilliseconds };
    return new DumpStream(opened.pass, opened.parts, format, (end) => summaryOf(end, opened), timeouts);
  }

  async find(id: string, scope: EntryScope = {}, startedAt?: string): Promise<Entry> {
    const source = await this.entrySource(id, false, scope);
    const { end } = await this.pass(
      [{ ...(await this.job(source)), filter: EVERY_ENTRY, output: { kind: 'page', limit: 1, after: '' } }],
      scope,
    );
    const entry = end.results[0]?.page?.entries[0];
    if (!entry) throw entryNotFound(id);
    if (entry.id !== id) throw entryReplaced(id, entry.id);
    if (startedAt !== undefined && entry.startedAt !== startedAt) throw entryRestarted(id, startedAt, entry.startedAt);
    return entry;
  }

  async delete(what: EntriesToDelete, keep: number, scope: EntryScope = {}, end?: EndOptions): Promise<Deletion> {
    const source =
      what.kind === 'entry' ? await this.exactSource(what.id, what.startedAt, scope) : await this.netlinkSource(scope, 'Deleting entries');
    const [filter, limit] = what.kind === 'entry' ? [EVERY_ENTRY, 1] : [what.filter, what.limit];
    const output: DumpOutput = { kind: 'delete', limit, keep, ...(end && { end }) };
    const { end: passEnd } = await this.pass([{ ...(await this.job(source)), filter, output }], scope, true);
    const deletion = passEnd.results[0]?.deletion;
    // Not a ConntrackError: entries may have been deleted already.
    if (!deletion) throw new Error(`Deletion failed, and the number of deleted entries is unknown: ${passEnd.reason ?? 'no result'}.`);
    if (passEnd.reason === undefined || deletion.failure) return deletion;
    return { ...deletion, failure: { code: 'INTERRUPTED', message: passEnd.reason } };
  }

  async update(targets: readonly EntryTarget[], scope: EntryScope = {}): Promise<readonly EntryResult[]> {
    const source: DumpSource = { ...(await this.netlinkSource(scope, 'Updating entries')), kind: 'none' };
    const { end } = await this.pass(
      [{ ...(await this.job(source)), filter: EVERY_ENTRY, output: { kind: 'update', targets } }],
      scope,
      true,
    );
    const update = end.results[0]?.update;
    if (update && 'results' in update) return update.results;
    // Not a ConntrackError: entries may have been updated already.
    throw new Error(`The update failed, and it is unknown which entries were updated: ${update?.failure ?? end.reason ?? 'no result'}.`);
  }

  /** Runs a pass that returns nothing before its end. */
  private async runToEnd(
    filter: Filter,
    output: DumpOutput,
    scope: EntryScope,
  ): Promise<{ readonly end: PassEnd; readonly opened: OpenedPass }> {
    const opened = await this.start(filter, output, scope);
    return { end: await untilEnd(opened), opened };
  }

  /** Reads over ctnetlink, or from text if the kernel has no ctnetlink or does not permit it. */
  private async start(filter: Filter, output: DumpOutput, scope: EntryScope): Promise<OpenedPass> {
    const layout = await requireLayout(this.files);
    const namespacePath = await this.namespaces.pathOf(scope.namespace);
    const countPath = sysctlPath(layout, 'count');
    const job = { ...(await this.job()), filter, output };
    if (this.canUseNetlink(layout)) {
      const source = { kind: 'netlink' as const, ...(namespacePath !== undefined && { namespacePath }) };
      const { parts, isPrefiltered } = this.partsOf(filter, output);
      const opened = await this.open(
        parts.map((part, at) => ({
          ...job,
          source,
          filter: part,
          output: output.kind === 'summary' ? { ...output, part: at, parts: parts.length } : output,
          countPath,
        })),
        CTNETLINK,
        scope,
      );
      if (!('refusal' in opened)) return { ...opened, isPrefiltered };
      if (namespacePath !== undefined || !isNetlinkMissing(opened.refusal)) throw dumpRefused(CTNETLINK, opened.refusal);
    } else if (namespacePath !== undefined) throw requiresNetlink('Other network namespaces');
    const source = { kind: 'text' as const, path: this.files.place(layout.dump) };
    const counted = sampleSizeOf(output) === undefined ? {} : { countPath: this.files.place(countPath) };
    const opened = await this.open([{ ...job, ...counted, source }], layout.dump, scope);
    if ('refusal' in opened) throw dumpRefused(layout.dump, opened.refusal);
    return opened;
  }

  /** The first entries are a sample of the whole table only if it is read in one part, and the kernel leaves none out. */
  private partsOf(filter: Filter, output: DumpOutput): ReturnType<typeof splitDump> {
    if (sampleSizeOf(output) !== undefined) return { parts: [filter], isPrefiltered: false };
    const canBeMerged = output.kind === 'count' || output.kind === 'summary' || (output.kind === 'stream' && output.limit === undefined);
    return canBeMerged ? splitDump(filter, this.workers.size) : unsplit(filter);
  }

  private async netlinkSource(scope: EntryScope, what: string): Promise<DumpSource & { readonly kind: 'netlink' }> {
    const namespace = await this.namespaceOf(scope);
    if (!this.canUseNetlink(await requireLayout(this.files))) throw requiresNetlink(what);
    return { kind: 'netlink', ...namespace };
  }

  /** The start time that the entry has now, or that the client expects, is compared again just before it is deleted. */
  private async exactSource(id: string, expected: string | undefined, scope: EntryScope): Promise<DumpSource> {
    const { startedAt } = await this.find(id, scope, expected);
    return { ...(await this.entrySource(id, true, scope)), ...(startedAt !== undefined && { startedAt }) };
  }

  private async entrySource(id: string, exactly: boolean, scope: EntryScope): Promise<DumpSource> {
    if (!parseEntryId(id)) throw entryNotFound(id);
    const namespace = await this.namespaceOf(scope);
    if (!this.canUseNetlink(await requireLayout(this.files))) throw requiresNetlink('Reading a single entry');
    return { kind: 'entry', id, exactly, ...namespace };
  }

  private async namespaceOf({ namespace, identity }: EntryScope): Promise<NamespaceAt> {
    const namespacePath = await this.namespaces.pathOf(namespace);
    if (namespacePath === undefined) return {};
    // Without the boot id, which the worker does not know.
    return { namespacePath, ...(identity !== undefined && { namespaceIdentity: identity.slice(identity.indexOf(':') + 1) }) };
  }

  private canUseNetlink(layout: KernelLayout): boolean {
    return layout.name === 'nf_conntrack' && !this.files.isElsewhere;
  }

  private async job(source: DumpSource = { kind: 'netlink' }): Promise<Pick<DumpJob, 'source' | 'bucketsPaths'>> {
    return { source, bucketsPaths: bucketsFiles(await requireLayout(this.files)).map((path) => this.files.place(path)) };
  }

  /** One pass over ctnetlink to its end. @param mayFail whether the results of a failed pass count */
  private async pass(jobs: readonly DumpJob[], scope: EntryScope, mayFail = false): Promise<{ readonly end: PassEnd }> {
    const opened = await this.open(jobs, CTNETLINK, scope);
    if ('refusal' in opened) throw dumpRefused(CTNETLINK, opened.refusal, scope.namespace);
    return { end: await untilEnd(opened, mayFail) };
  }

  /** @throws ConntrackError `TOO_MANY_DUMPS`, `RESOURCES_EXHAUSTED` */
  private async open(jobs: readonly DumpJob[], source: string, { owner }: EntryScope): Promise<OpenedPass | { readonly refusal: Refusal }> {
    const release = this.slots.take(
      jobs.some(({ source: { kind } }) => kind !== 'entry' && kind !== 'none'),
      owner,
    );
    const releaseMemory = this.reserveMemory(jobs, release);
    let stop: (reason: string) => void = () => undefined;
    const leave = await this.gate.enter((reason) => {
      stop(reason);
    });
    const free = (): void => {
      releaseMemory();
      release();
      leave();
    };
    const pass = this.startPass(jobs, free);
    stop = (reason) => {
      pass.stop(reason);
    };
    void pass.ended.then(free);
    const refusal = await pass.untilOpened();
    return refusal ? { refusal } : { pass, parts: jobs.length, source, isPrefiltered: false };
  }

  /** The parts of a pass have the same output. @param onFailure called if there is too little memory */
  private reserveMemory([first]: readonly DumpJob[], onFailure: () => void): () => void {
    try {
      return first === undefined ? () => undefined : this.memory.reserve(first.output);
    } catch (error) {
      onFailure();
      throw error;
    }
  }

  /** @param onFailure called if the pass cannot be started */
  private startPass(jobs: readonly DumpJob[], onFailure: () => void): DumpPass {
    try {
      return new DumpPass(jobs.length, (onMessage) => this.workers.run(jobs, onMessage));
    } catch (error) {
      onFailure();
      throw error;
    }
  }
}
