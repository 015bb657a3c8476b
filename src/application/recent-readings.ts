import { Injectable } from '@nestjs/common';
import type { CounterSnapshot } from '../domain/counters/increments.ts';

const KEPT_MILLISECONDS = 330_000;
/** Closer ones are not kept: 67 at most are. */
const APART_MILLISECONDS = 5_000;

/** The per-CPU counters of the last five minutes, in memory: what rates are made of. */
@Injectable()
export class RecentReadings {
  private kept: CounterSnapshot[] = [];

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
}
