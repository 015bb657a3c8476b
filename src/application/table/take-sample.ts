import { Injectable } from '@nestjs/common';
import { incrementsBetween, sumCounters, type CounterSnapshot } from '../../domain/counters/increments.ts';
import type { Sample } from '../../domain/history/sample.ts';
import { Clock } from '../ports/clock.ts';
import { KernelTable } from '../ports/kernel.ts';
import { retryWhileLocked } from '../retry-while-locked.ts';
import { Samples } from '../ports/samples.ts';
import { RecentReadings } from './recent-readings.ts';

/** Samples the table; to be called at a fixed interval. Increments are only computed between two samples of the same process. */
@Injectable()
export class TakeSample {
  private last: CounterSnapshot | undefined;

  constructor(
    private readonly table: KernelTable,
    private readonly samples: Samples,
    private readonly recent: RecentReadings,
    private readonly clock: Clock,
  ) {}

  async run(): Promise<void> {
    const { count, max, buckets, counters, bootId } = await this.table.sample();
    const at = this.clock.now();
    const snapshot = counters && {
      ...counters,
      bootMilliseconds: this.clock.bootMilliseconds(),
      ...(bootId !== undefined && { bootId }),
    };
    const counted = snapshot && this.countedUntil(snapshot);
    if (snapshot) this.recent.add(snapshot);
    this.last = snapshot;
    const sample = {
      at,
      ...(count !== undefined && { count }),
      ...(max !== undefined && { max }),
      ...(buckets !== undefined && { buckets }),
      ...(counted && { counted }),
    };
    await retryWhileLocked(() => {
      this.samples.add(sample);
    });
  }

  private countedUntil(snapshot: CounterSnapshot): Sample['counted'] {
    const between = this.last && incrementsBetween(this.last, snapshot);
    return between && { seconds: between.seconds, increments: sumCounters(between.perCpu) };
  }
}
