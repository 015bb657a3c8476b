import { Injectable } from '@nestjs/common';
import type { SummaryAnswer } from '../../domain/entry-summary.ts';
import type { SeenTimeouts } from '../../domain/findings/table-evidence.ts';
import { Clock } from '../ports/clock.ts';

const FRESH_MILLISECONDS = 900_000;

/** The timeouts from the last summary of all entries, kept for 15 min: the table is not dumped for findings alone. */
@Injectable()
export class RecentSummary {
  private last: { readonly atMilliseconds: number; readonly result: Pick<SummaryAnswer, 'entries' | 'timeouts'> } | undefined;

  constructor(private readonly clock: Clock) {}

  store({ entries, timeouts }: SummaryAnswer): void {
    this.last = { atMilliseconds: this.clock.bootMilliseconds(), result: { entries, timeouts } };
  }

  read(): Omit<SeenTimeouts, 'establishedSeconds'> | undefined {
    if (!this.last) return undefined;
    const age = this.clock.bootMilliseconds() - this.last.atMilliseconds;
    return age > FRESH_MILLISECONDS ? undefined : { ageSeconds: age / 1000, ...this.last.result };
  }
}
