import { Injectable } from '@nestjs/common';
import type { DumpOutcome } from '../../domain/entry.ts';
import type { SummaryAnswer, SummaryRequest } from '../../domain/entry-summary.ts';
import type { Filter } from '../../domain/filter/filter.ts';
import { KernelEntries, type EntryScope } from '../ports/kernel.ts';
import { RecentSummary } from './recent-summary.ts';

const WHOLE: readonly DumpOutcome[] = ['complete', 'lossy'];

/** One pass over the table; what one over all entries tells is kept for the findings. */
@Injectable()
export class SummariseEntries {
  constructor(
    private readonly entries: KernelEntries,
    private readonly recent: RecentSummary,
  ) {}

  /** @throws as `KernelEntries` */
  async run(filter: Filter, request: SummaryRequest, scope: EntryScope): Promise<SummaryAnswer> {
    const answer = await this.entries.summarise(filter, request, scope);
    if (isEverything(filter) && scope.namespace === undefined && WHOLE.includes(answer.summary.outcome)) this.recent.note(answer);
    return answer;
  }
}

function isEverything(filter: Filter): boolean {
  return filter.kind === 'all' && filter.of.every(isEverything);
}
