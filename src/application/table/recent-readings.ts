import { Injectable } from '@nestjs/common';
import type { CounterSnapshot } from '../../domain/counters/increments.ts';
import type { CounterReading } from '../../domain/table.ts';
import { Clock } from '../ports/clock.ts';

const KEPT_MILLISECONDS = 330_000;
/** Readings that follow sooner are dropped, so at most 67 are kept. */
const APART_MILLISECONDS = 5_000;

/** The per-CPU counters of the last five minutes, kept in memory to compute rates. Of the service’s own network namespace. */
@Injectable()
export class RecentReadings {
  private kept: readonly CounterSnapshot[] = [];

  constructor(private readonly clock: Clock) {}

  /** Oldest first. */
  all(): readonly CounterSnapshot[] {
    return this.kept;
  }

  add(snapshot: CounterSnapshot): void {
    const last = this.kept.at(-1);
    if (last && snapshot.bootMilliseconds - last.bootMilliseconds < APART_MILLISECONDS) return;
    const oldest = snapshot.bootMilliseconds - KEPT_MILLISECONDS;
    this.kept = [...this.kept.filter(({ bootMilliseconds }) => bootMilliseconds >= oldest), snapshot];
  }

  /** A current reading, comparable with the kept ones: this process has run within one boot, so they share the boot id. */
  asOfNow(reading: CounterReading): CounterSnapshot {
    const bootId = this.kept.at(-1)?.bootId;
    return { ...reading, bootMilliseconds: this.clock.bootMilliseconds(), ...(bootId !== undefined && { bootId }) };
  }
}
