import { ApiProblem } from '../api/problem.ts';
import { nextPollMilliseconds } from './next-poll.ts';

export interface Poll {
  /** Loads now, or after the delay that the service requires. */
  readonly refresh: () => void;
  readonly stop: () => void;
}

export interface PollListener<T> {
  readonly onValue: (value: T) => void;
  readonly onError: (error: unknown) => void;
}

type Load<T> = (signal: AbortSignal) => Promise<T>;

/** Loads periodically while the page is visible, with one request at a time. */
export function startPoll<T>(everyMilliseconds: number, load: Load<T>, listener: PollListener<T>): Poll {
  const loop = new PollLoop(everyMilliseconds, load, listener);
  const onVisibility = (): void => {
    if (document.hidden) loop.pause();
    else loop.refresh();
  };
  document.addEventListener('visibilitychange', onVisibility);
  loop.refresh();
  return {
    refresh: () => {
      loop.refresh();
    },
    stop: () => {
      loop.stop();
      document.removeEventListener('visibilitychange', onVisibility);
    },
  };
}

class PollLoop<T> {
  private readonly everyMilliseconds: number;
  private readonly load: Load<T>;
  private readonly listener: PollListener<T>;
  private readonly stopped = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isRunning = false;
  private refreshes = 0;
  private failures = 0;
  private notBefore = 0;

  constructor(everyMilliseconds: number, load: Load<T>, listener: PollListener<T>) {
    this.everyMilliseconds = everyMilliseconds;
    this.load = load;
    this.listener = listener;
  }

  refresh(): void {
    this.refreshes += 1;
    if (!this.isRunning) this.schedule(Math.max(0, this.notBefore - Date.now()));
  }

  pause(): void {
    clearTimeout(this.timer);
  }

  stop(): void {
    this.stopped.abort();
    this.pause();
  }

  private schedule(milliseconds: number): void {
    this.pause();
    if (!this.stopped.signal.aborted && !document.hidden) this.timer = setTimeout(() => void this.run(), milliseconds);
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    const refreshesBefore = this.refreshes;
    const retryAfterSeconds = await this.loadOnce();
    this.isRunning = false;
    this.notBefore = retryAfterSeconds === undefined ? 0 : Date.now() + retryAfterSeconds * 1000;
    const { everyMilliseconds, failures } = this;
    const wait = nextPollMilliseconds({ everyMilliseconds, failures, retryAfterSeconds });
    const isRefreshDue = this.refreshes > refreshesBefore && failures === 0;
    this.schedule(isRefreshDue ? 0 : wait);
  }

  /** @returns the delay that the service requires after a failure */
  private async loadOnce(): Promise<number | undefined> {
    const { signal } = this.stopped;
    try {
      const value = await this.load(signal);
      this.failures = 0;
      if (!signal.aborted) this.listener.onValue(value);
      return undefined;
    } catch (error) {
      this.failures += 1;
      if (!signal.aborted) this.listener.onError(error);
      return error instanceof ApiProblem ? error.retryAfterSeconds : undefined;
    }
  }
}
