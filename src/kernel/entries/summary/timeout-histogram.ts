import type { TimeoutBin } from '../../../domain/entry-summary.ts';

/** Seconds where the bins begin, near the kernel's default timeouts: 10 s (closed), 30 s (UDP), 60 s, 120 s, 300 s, 600 s, 12 h, 1 d, 5 d. */
const BEGINNINGS = [0, 1, 10, 30, 60, 120, 300, 600, 3600, 43_200, 86_400, 432_000] as const;

export class TimeoutHistogram {
  without = 0;
  private readonly counts = new Float64Array(BEGINNINGS.length);

  /** @param timeout seconds; less than 0 where there is none */
  add(timeout: number): void {
    if (timeout < 0) {
      this.without += 1;
      return;
    }
    let bin = BEGINNINGS.length - 1;
    while (timeout < (BEGINNINGS[bin] as number)) bin -= 1;
    this.counts[bin] = (this.counts[bin] as number) + 1;
  }

  bins(): readonly TimeoutBin[] {
    return BEGINNINGS.map((fromSeconds, bin) => {
      const belowSeconds = BEGINNINGS[bin + 1];
      return { fromSeconds, ...(belowSeconds !== undefined && { belowSeconds }), entries: this.counts[bin] ?? 0 };
    });
  }
}
