const KEPT = 20;

/**
 * How far the service's clock can be ahead of this browser's, from the `Date` of an answer and when it was asked for. An upper bound: a
 * countdown that is made with it may show too little time, never too much.
 */
export function clockAhead(date: string | null, sentAt: number): number | undefined {
  const milliseconds = Date.parse(date ?? '');
  // The header names the second that has begun.
  return Number.isNaN(milliseconds) ? undefined : milliseconds + 1_000 - sentAt;
}

/** The tightest bound of the last answers: one answer alone is off by up to a second and by the way there. */
export class ClockBound {
  private bounds: readonly number[] = [];

  add(bound: number | undefined): void {
    if (bound !== undefined) this.bounds = [...this.bounds, bound].slice(-KEPT);
  }

  get milliseconds(): number {
    return this.bounds.length === 0 ? 0 : Math.min(...this.bounds);
  }
}
