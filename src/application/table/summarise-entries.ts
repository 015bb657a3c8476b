import { Injectable } from '@nestjs/common';
import type { DumpOutcome } from '../../domain/entry.ts';
import type { SummaryAnswer, SummaryRequest } from '../../domain/entry-summary.ts';
import type { Filter } from '../../domain/filter/filter.ts';
import { KernelEntries, type EntryScope } from '../ports/kernel.ts';
import { RecentSummary } from './recent-summary.ts';

const WHOLE_TABLE: readonly DumpOutcome[] = ['complete', 'lossy'];

/** Summarises entries in one pass over the table. The result of a pass over all entries is kept for the findings. */
@Injectable()
export class SummariseEntries {
  constructor(
    private readonly entries: KernelEntries,
    private readonly recent: RecentSummary,
  ) {}

  /** @throws as `KernelEntries` */
  async run(filter: Filter, request: SummaryRequest, scope: EntryScope): Promise<SummaryAnswer> {
    const result = await this.entries.summarise(filter, request, scope);
    if (isEverything(filter) && scope.namespace === undefined && WHOLE_TABLE.includes(result.summary.outcome)) this.recent.store(result);
    return result;
  }
}

function isEverything(filter: Filter): boolean {
  return filter.kind === 'all' && filter.of.every(isEverything);
}
