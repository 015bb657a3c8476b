import type { TimeoutBin } from '../../../domain/entry-summary.ts';

/** Lower bounds of the bins in seconds, near the kernel's default timeouts: 10 s (TCP CLOSE), 30 s (UDP), up to 5 days (TCP ESTABLISHED). */
const BIN_STARTS = [0, 1, 10, 30, 60, 120, 300, 600, 3600, 43_200, 86_400, 432_000] as const;

/** Plain data, because it is sent between threads. */
export interface CountedTimeouts {
  /** Entries in each bin. */
  readonly counts: Float64Array;
  /** Entries without a timeout. */
  readonly without: number;
}

export class TimeoutHistogram implements CountedTimeouts {
  without = 0;
  readonly counts = new Float64Array(BIN_STARTS.length);

  /** @param timeout seconds; negative if the entry has none */
  add(timeout: number): void {
    if (timeout < 0) {
      this.without += 1;
      return;
    }
    let bin = BIN_STARTS.length - 1;
    while (timeout < (BIN_STARTS[bin] as number)) bin -= 1;
    this.counts[bin] = (this.counts[bin] as number) + 1;
  }

  merge({ counts, without }: CountedTimeouts): void {
    for (const [bin, count] of counts.entries()) this.counts[bin] = (this.counts[bin] as number) + count;
    this.without += without;
  }

  bins(): readonly TimeoutBin[] {
    return BIN_STARTS.map((fromSeconds, bin) => {
      const belowSeconds = BIN_STARTS[bin + 1];
      return { fromSeconds, ...(belowSeconds !== undefined && { belowSeconds }), entries: this.counts[bin] ?? 0 };
    });
  }
}
