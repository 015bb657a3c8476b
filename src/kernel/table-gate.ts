import { setTimeout as sleep } from 'node:timers/promises';

/** How long a resize waits for running dumps before it ends them. */
const TIMEOUT_MILLISECONDS = 5_000;

/**
 * Serializes dumps and resizes of the hash table: a dump during a resize repeats and misses entries, and the kernel does not report it. A
 * dump that starts during a resize waits for its end (half a second). A resize waits for running dumps, and ends those that take longer than
 * the timeout.
 */
export class TableGate {
  private readonly timeoutMilliseconds: number;
  private readonly dumps = new Map<symbol, (reason: string) => void>();
  private resize: Promise<unknown> = Promise.resolve();
  private drained: () => void = () => undefined;

  constructor(timeoutMilliseconds = TIMEOUT_MILLISECONDS) {
    this.timeoutMilliseconds = timeoutMilliseconds;
  }

  /**
   * @param stop ends the dump; called when a resize stops waiting
   * @returns to be called when the dump has ended, in any way
   */
  async enter(stop: (reason: string) => void): Promise<() => void> {
    await this.resize;
    const key = Symbol('dump');
    this.dumps.set(key, stop);
    return () => {
      this.dumps.delete(key);
      if (this.dumps.size === 0) this.drained();
    };
  }

  /** Runs `work` while no dump runs. One resize at a time. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.resize.then(async () => {
      await this.drain();
      return work();
    });
    this.resize = done.catch(() => undefined);
    return done;
  }

  private async drain(): Promise<void> {
    if (this.dumps.size === 0) return;
    const empty = new Promise<void>((resolve) => (this.drained = resolve));
    const timeout = new AbortController();
    await Promise.race([empty, sleep(this.timeoutMilliseconds, undefined, { signal: timeout.signal }).catch(() => undefined)]);
    timeout.abort();
    for (const stop of this.dumps.values()) stop('the table is being resized');
    if (this.dumps.size > 0) await empty;
  }
}
