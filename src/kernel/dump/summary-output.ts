import type { SummaryRequest } from '../../domain/entry-summary.ts';
import type { EntryView } from '../entries/entry-view.ts';
import { EntrySummary } from '../entries/summary/summary-builder.ts';
import { fitsInMemory } from '../memory/require-memory.ts';
import type { DumpResult } from './dump-job.ts';
import type { Output } from './outputs.ts';

export class SummaryOutput implements Output {
  entries = 0;
  private readonly summary: EntrySummary;

  constructor(request: SummaryRequest) {
    this.summary = new EntrySummary(request, undefined, fitsInMemory);
  }

  take(view: EntryView): boolean {
    this.summary.add(view);
    this.entries += 1;
    return true;
  }

  isFull(): boolean {
    return false;
  }

  finish(): DumpResult {
    return { summary: this.summary.result() };
  }
}
