import { Injectable } from '@nestjs/common';
import { meaningsOf, type CounterMeaning } from '../../domain/counters/meanings.ts';
import { RATE_WINDOWS_SECONDS, ratesOver, type CounterRates } from '../../domain/counters/rates.ts';
import type { CounterReading } from '../../domain/table.ts';
import { KernelTable, type EntryScope } from '../ports/kernel.ts';
import { Samples } from '../ports/samples.ts';
import { RecentReadings } from './recent-readings.ts';

export interface CountersNow extends CounterReading {
  readonly rates: readonly CounterRates[];
  readonly meanings: readonly CounterMeaning[];
}

/** The current counters with their rates. */
@Injectable()
export class ReadCounters {
  constructor(
    private readonly table: KernelTable,
    private readonly samples: Samples,
    private readonly recent: RecentReadings,
  ) {}

  /** @throws as `KernelTable.counters` */
  async run(scope: EntryScope): Promise<CountersNow> {
    const reading = await this.table.counters(scope);
    return { ...reading, rates: this.rates(reading, scope), meanings: meaningsOf(reading) };
  }

  private rates(reading: CounterReading, { namespace }: EntryScope): readonly CounterRates[] {
    const reason = namespace === undefined ? this.whyNotSampled() : 'Only the service’s own network namespace is sampled.';
    if (reason !== undefined) return RATE_WINDOWS_SECONDS.map((windowSeconds) => ({ windowSeconds, reason }));
    const now = this.recent.asOfNow(reading);
    return RATE_WINDOWS_SECONDS.map((windowSeconds) => ratesOver(this.recent.all(), now, windowSeconds));
  }

  private whyNotSampled(): string | undefined {
    return this.samples.everySeconds === 0 ? 'No samples are taken: the service was started with --sample-seconds=0.' : undefined;
  }
}
