import { setTimeout as sleep } from 'node:timers/promises';

/** How long a resize waits for dumps that are under way before it ends them. */
const PATIENCE_MILLISECONDS = 5_000;

/**
 * Keeps dumps and resizes of the table apart: a dump beside a resize doubles and misses entries, and the kernel gives no sign of it. A dump
 * that comes while the table is resized waits for the end of it (half a second); a resize waits for the dumps under way, and ends those that
 * take longer.
 */
export class TableGate {
  private readonly patienceMilliseconds: number;
  private readonly dumps = new Map<symbol, (reason: string) => void>();
  private resize: Promise<unknown> = Promise.resolve();
  private drained: () => void = () => undefined;

  constructor(patienceMilliseconds = PATIENCE_MILLISECONDS) {
    this.patienceMilliseconds = patienceMilliseconds;
  }

  /**
   * @param stop ends the dump; called when a resize cannot wait longer
   * @returns what to call when the dump is over, however it ended
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

  /** Does `work` while no dump is under way. One resize at a time. */
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
    const patience = new AbortController();
    await Promise.race([empty, sleep(this.patienceMilliseconds, undefined, { signal: patience.signal }).catch(() => undefined)]);
    patience.abort();
    for (const stop of this.dumps.values()) stop('the table is being resized');
    if (this.dumps.size > 0) await empty;
  }
}
