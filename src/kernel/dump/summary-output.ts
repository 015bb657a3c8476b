import type { Sample } from '../../domain/entry-summary.ts';
import type { EntryView } from '../entries/entry-view.ts';
import { type CountedPart, EntrySummary } from '../entries/summary/summary-builder.ts';
import { fitsInMemory } from '../memory/require-memory.ts';
import type { DumpOutput, DumpResult } from './dump-job.ts';
import type { Output } from './outputs.ts';

/** The summary of a table, or of one part: the first part waits for what was counted in the others, and merges it. */
export class SummaryOutput implements Output {
  entries = 0;
  private readonly part: number;
  private readonly summary: EntrySummary;
  /** Parts that still count. */
  private running: number;
  private readonly received: CountedPart[] = [];

  constructor({ request, part, parts }: Extract<DumpOutput, { readonly kind: 'summary' }>) {
    this.part = part;
    this.running = parts;
    // The other parts grow at the same time.
    this.summary = new EntrySummary(request, undefined, (bytes) => fitsInMemory(this.running * bytes));
  }

  take(view: EntryView): boolean {
    this.summary.add(view);
    this.entries += 1;
    return true;
  }

  isFull(): boolean {
    return false;
  }

  addPart(part: CountedPart): void {
    this.received.push(part);
    this.running -= 1;
  }

  isWaiting(): boolean {
    return this.part === 0 && this.running > 1;
  }

  finish(sample?: Sample): DumpResult {
    if (this.part > 0) return { counted: this.summary.counted() };
    for (const part of this.received.splice(0)) this.summary.merge(part);
    return { summary: this.summary.result(sample) };
  }
}
