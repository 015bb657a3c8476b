const BACK_OFF_MAX_MILLISECONDS = 120_000;

export interface PollState {
  readonly everyMilliseconds: number;
  /** In a row. */
  readonly failures: number;
  /** How long the service asked to be left alone. */
  readonly retryAfterSeconds?: number | undefined;
}

/** How long to wait before asking again: twice as long after each failure, and never shorter than the service asked for. */
export function nextPollMilliseconds({ everyMilliseconds, failures, retryAfterSeconds = 0 }: PollState): number {
  const backedOff = Math.min(everyMilliseconds * 2 ** Math.min(failures, 16), Math.max(everyMilliseconds, BACK_OFF_MAX_MILLISECONDS));
  return Math.max(failures === 0 ? everyMilliseconds : backedOff, retryAfterSeconds * 1000);
}
