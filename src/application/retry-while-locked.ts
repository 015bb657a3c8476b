import { ConntrackError } from '../domain/conntrack-error.ts';

/** How long changes wait for another process that locks the journal: a backup, or a command of this service. */
const LONGEST_MILLISECONDS = 5_000;
const FIRST_PAUSE_MILLISECONDS = 2;
const LAST_PAUSE_MILLISECONDS = 50;

/**
 * Repeats an action that fails because another process locks its file. Other requests are served during the pauses. The action must have no
 * effect if it fails.
 *
 * @param longest the sum of the pauses in milliseconds
 * @throws the error of the last attempt
 */
export async function retryWhileLocked<T>(action: () => T, longest = LONGEST_MILLISECONDS): Promise<T> {
  let pause = FIRST_PAUSE_MILLISECONDS;
  for (let waited = 0; ; waited += pause) {
    try {
      return action();
    } catch (error) {
      if (!isLocked(error) || waited >= longest) throw error;
    }
    pause = Math.min(2 * pause, LAST_PAUSE_MILLISECONDS);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof ConntrackError && error.details.isLocked === true;
}
