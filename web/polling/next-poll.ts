const BACK_OFF_MAX_MILLISECONDS = 120_000;

export interface PollState {
  readonly everyMilliseconds: number;
  /** Consecutive failures. */
  readonly failures: number;
  /** From `Retry-After`. */
  readonly retryAfterSeconds?: number | undefined;
}

/** The delay before the next request: doubled after each failure, up to two minutes, and never shorter than `Retry-After`. */
export function nextPollMilliseconds({ everyMilliseconds, failures, retryAfterSeconds = 0 }: PollState): number {
  const backedOff = Math.min(everyMilliseconds * 2 ** Math.min(failures, 16), Math.max(everyMilliseconds, BACK_OFF_MAX_MILLISECONDS));
  return Math.max(failures === 0 ? everyMilliseconds : backedOff, retryAfterSeconds * 1000);
}
