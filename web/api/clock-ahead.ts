const KEPT = 20;

/**
 * Upper bound of how far the service's clock is ahead of the browser's, from the `Date` of a response and the time of the request.
 * A countdown that uses it may show too little time, but never too much.
 */
export function clockAhead(date: string | null, sentAt: number): number | undefined {
  const milliseconds = Date.parse(date ?? '');
  // The header is rounded down to the second.
  return Number.isNaN(milliseconds) ? undefined : milliseconds + 1_000 - sentAt;
}

/** The lowest bound of the last responses: a single one is off by up to a second plus the time that the request took. */
export class ClockBound {
  private bounds: readonly number[] = [];

  add(bound: number | undefined): void {
    if (bound !== undefined) this.bounds = [...this.bounds, bound].slice(-KEPT);
  }

  get milliseconds(): number {
    return this.bounds.length === 0 ? 0 : Math.min(...this.bounds);
  }
}
