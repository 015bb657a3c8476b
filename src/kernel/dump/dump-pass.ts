import { DUMP_OUTCOMES, type DumpSummary } from '../../domain/entry.ts';
import type { DumpMessage, DumpResult, Tally } from './dump-job.ts';
import type { Dump } from './dump-workers.ts';
import type { SeenCounts } from './table-watch.ts';

export type Chunk = DumpMessage & { readonly kind: 'chunk' };
export type Refusal = DumpMessage & { readonly kind: 'unreadable' | 'broken' };
type End = Exclude<DumpMessage, { readonly kind: 'opened' | 'chunk' }>;

/** The end of a pass, all parts together. */
export interface PassEnd {
  readonly outcome: DumpSummary['outcome'];
  readonly tally: Tally;
  readonly isFilteredByKernel: boolean;
  readonly counts?: SeenCounts;
  readonly reason?: string;
  readonly results: readonly DumpResult[];
}

/** One pass over the table, in one part or several parallel parts. It has one consumer. */
export class DumpPass {
  /** Settles when no worker works on it any more. */
  readonly ended: Promise<void>;
  private readonly dumps: readonly Dump[];
  private readonly chunks: (readonly [part: number, chunk: Chunk])[] = [];
  private readonly tallies: Tally[];
  private readonly ends = new Map<number, End>();
  private opened = 0;
  private stopReason: string | undefined;
  private settleEnded: () => void = () => undefined;
  private wake: () => void = () => undefined;

  /** @param start starts the parts; passes each of their messages to its argument */
  constructor(parts: number, start: (onMessage: (part: number, message: DumpMessage) => void) => readonly Dump[]) {
    this.ended = new Promise((resolve) => (this.settleEnded = resolve));
    this.tallies = Array.from({ length: parts }, () => ({ entries: 0, scanned: 0, unparsed: 0 }));
    this.dumps = start((part, message) => {
      this.onMessage(part, message);
    });
  }

  /** Resolves when all parts are open, or with the reason why one cannot be read. */
  async untilOpened(): Promise<Refusal | undefined> {
    for (;;) {
      const refusal = [...this.ends.values()].find((end) => end.kind !== 'end');
      if (refusal) {
        this.stop('another part could not be read');
        return refusal;
      }
      if (this.stopReason !== undefined) return { kind: 'broken', reason: this.stopReason };
      if (this.opened === this.dumps.length) return undefined;
      await this.changed();
    }
  }

  /** The next chunk of any part; `undefined` when there are no more. */
  async take(): Promise<readonly [part: number, chunk: Chunk] | undefined> {
    for (;;) {
      if (this.stopReason !== undefined) return undefined;
      const next = this.chunks.shift();
      if (next) {
        this.tallies[next[0]] = next[1].tally;
        return next;
      }
      if (this.ends.size === this.dumps.length) return undefined;
      await this.changed();
    }
  }

  give(part: number, buffer: ArrayBuffer): void {
    this.dumps[part]?.give(buffer);
  }

  stop(reason: string): void {
    if (this.ends.size === this.dumps.length && this.chunks.length === 0) return;
    this.stopReason ??= reason;
    for (const dump of this.dumps) dump.stop();
    this.settleEnded();
    this.wake();
  }

  /** The result, after all chunks were taken or the pass was stopped. Counts only what was taken. */
  end(): PassEnd {
    if (this.stopReason === undefined) for (const [part, end] of this.ends) if (end.kind === 'end') this.tallies[part] = end.tally;
    const ends = [...this.ends.values()];
    const reason = this.stopReason ?? ends.map(reasonOf).find((text) => text !== undefined);
    const finished = ends.filter((end) => end.kind === 'end');
    const outcome = DUMP_OUTCOMES.findLast((candidate) => finished.some((end) => end.outcome === candidate)) ?? 'complete';
    return {
      outcome: reason === undefined ? outcome : 'interrupted',
      tally: this.tallies.reduce(sum),
      isFilteredByKernel: finished.some((end) => end.isFilteredByKernel),
      results: finished.map(({ result }) => result),
      ...countsOf(finished),
      ...(reason !== undefined && { reason }),
    };
  }

  private onMessage(part: number, message: DumpMessage): void {
    if (this.stopReason !== undefined) return;
    if (message.kind === 'opened') this.opened += 1;
    else if (message.kind === 'chunk') this.chunks.push([part, message]);
    else {
      this.ends.set(part, message);
      this.passOn(message);
    }
    if (this.ends.size === this.dumps.length) this.settleEnded();
    this.wake();
  }

  /** To the part that waits for the others. If one failed, the others work in vain. */
  private passOn(end: End): void {
    const waiting = this.dumps.find((dump) => 'addPart' in dump);
    const reason = reasonOf(end);
    if (!waiting) return;
    if (reason !== undefined) this.stop(reason);
    else if (end.kind === 'end' && end.result.counted) waiting.addPart?.(end.result.counted);
  }

  private changed(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }
}

/** Of all parts together. */
function countsOf(ends: readonly (End & { readonly kind: 'end' })[]): Pick<PassEnd, 'counts'> {
  const counts = ends.flatMap((end) => end.counts ?? []);
  if (counts.length === 0) return {};
  return { counts: { fewest: Math.min(...counts.map(({ fewest }) => fewest)), most: Math.max(...counts.map(({ most }) => most)) } };
}

function reasonOf(end: End): string | undefined {
  switch (end.kind) {
    case 'end':
    case 'broken':
      return end.reason;
    case 'unreadable':
      return `${end.what}: ${end.failure.message}`;
  }
}

function sum(one: Tally, other: Tally): Tally {
  return { entries: one.entries + other.entries, scanned: one.scanned + other.scanned, unparsed: one.unparsed + other.unparsed };
}
