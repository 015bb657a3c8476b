/** A token bucket per key, stored as the time at which it is full again (GCRA). Only the most recently used keys are kept. */
export class TokenBuckets {
  private readonly intervalMilliseconds: number;
  private readonly burst: number;
  private readonly capacity: number;
  private readonly now: () => number;
  private readonly fullAt = new Map<string, number>();

  /** @param now monotonic milliseconds */
  constructor(perSecond: number, burst: number, capacity: number, now: () => number) {
    this.intervalMilliseconds = 1_000 / perSecond;
    this.burst = burst;
    this.capacity = capacity;
    this.now = now;
  }

  /** Takes a token if there is one. @returns 0, or the milliseconds until there is a token */
  take(key: string): number {
    const wait = this.waitMilliseconds(key);
    if (wait > 0) return wait;
    const fullAt = this.fullAtOf(key) + this.intervalMilliseconds;
    this.fullAt.delete(key);
    this.fullAt.set(key, fullAt);
    if (this.fullAt.size > this.capacity) this.fullAt.delete(this.fullAt.keys().next().value ?? key);
    return 0;
  }

  /** Milliseconds until {@link take} succeeds. */
  waitMilliseconds(key: string): number {
    return Math.max(0, this.fullAtOf(key) - this.now() - (this.burst - 1) * this.intervalMilliseconds);
  }

  remaining(key: string): number {
    const lacking = Math.ceil((this.fullAtOf(key) - this.now()) / this.intervalMilliseconds);
    return Math.max(0, this.burst - lacking);
  }

  private fullAtOf(key: string): number {
    return Math.max(this.now(), this.fullAt.get(key) ?? 0);
  }
}
