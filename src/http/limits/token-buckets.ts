/** A bucket for each key, kept as the one moment at which it will be full again (GCRA), for the keys used last. */
export class TokenBuckets {
  private readonly intervalMilliseconds: number;
  private readonly burst: number;
  private readonly capacity: number;
  private readonly now: () => number;
  private readonly fullAt = new Map<string, number>();

  /** @param now milliseconds that never go back */
  constructor(perSecond: number, burst: number, capacity: number, now: () => number) {
    this.intervalMilliseconds = 1_000 / perSecond;
    this.burst = burst;
    this.capacity = capacity;
    this.now = now;
  }

  /** Takes one where there is one. @returns milliseconds until there is one; 0 when it was taken */
  take(key: string): number {
    const wait = this.waitMilliseconds(key);
    if (wait > 0) return wait;
    const fullAt = this.fullAtOf(key) + this.intervalMilliseconds;
    this.fullAt.delete(key);
    this.fullAt.set(key, fullAt);
    if (this.fullAt.size > this.capacity) this.fullAt.delete(this.fullAt.keys().next().value ?? key);
    return 0;
  }

  /** Until there is one to take. */
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
