import { ApiProblem } from '../api/problem.ts';
import { nextPollMilliseconds } from './next-poll.ts';

export interface Poll {
  /** Asks now, unless the service asked to be left alone. */
  readonly refresh: () => void;
  readonly stop: () => void;
}

export interface PollOutcome<T> {
  readonly onValue: (value: T) => void;
  readonly onError: (error: unknown) => void;
}

/** Asks again and again, never twice at once, while the page can be seen. */
export function startPoll<T>(
  everyMilliseconds: number,
  load: (signal: AbortSignal) => Promise<T>,
  { onValue, onError }: PollOutcome<T>,
): Poll {
  const ended = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = false;
  let asks = 0;
  let failures = 0;
  let notBefore = 0;

  const schedule = (milliseconds: number): void => {
    clearTimeout(timer);
    if (!ended.signal.aborted && !document.hidden) timer = setTimeout(() => void run(), milliseconds);
  };
  const run = async (): Promise<void> => {
    running = true;
    const asksSeen = asks;
    let retryAfterSeconds: number | undefined;
    try {
      const value = await load(ended.signal);
      failures = 0;
      if (!ended.signal.aborted) onValue(value);
    } catch (error) {
      failures += 1;
      retryAfterSeconds = error instanceof ApiProblem ? error.retryAfterSeconds : undefined;
      if (!ended.signal.aborted) onError(error);
    }
    running = false;
    const wait = nextPollMilliseconds({ everyMilliseconds, failures, retryAfterSeconds });
    notBefore = retryAfterSeconds === undefined ? 0 : Date.now() + retryAfterSeconds * 1000;
    schedule(asks > asksSeen && failures === 0 ? 0 : wait);
  };
  const refresh = (): void => {
    asks += 1;
    if (running) return;
    schedule(Math.max(0, notBefore - Date.now()));
  };
  const onVisibility = (): void => {
    if (document.hidden) clearTimeout(timer);
    else refresh();
  };
  document.addEventListener('visibilitychange', onVisibility);
  refresh();
  return {
    refresh,
    stop: () => {
      ended.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisibility);
    },
  };
}
