import type { ServerResponse } from 'node:http';

/** Time in each turn of the event loop, so that a change that arrives does not wait behind many requests. */
const TURN_MILLISECONDS = 4;
/** Beside a change, a lane rests this many times as long as its last request took. */
const REST = 3;
const REST_MILLISECONDS_MAX = 100;
/** How often a request is checked that has not ended. */
const CHECK_MILLISECONDS = 50;
/** A request that has no response by then probably waits for something else. It no longer counts as in progress. */
const LONG_MILLISECONDS = 250;
/** Few, because a change that arrives shares the time with those that have begun. */
const AT_ONCE = 2;

interface Waiting {
  readonly response: ServerResponse;
  readonly serve: () => void;
}

/**
 * Requests that give way to changes, served in the order of their arrival. Without a change they have 4 ms of each turn of the event loop.
 * Beside a change, one at a time is served, followed by a rest: the change gets most of the time, and the lane never stands still.
 */
export class Lane {
  private readonly isChanging: () => boolean;
  private readonly waiting: Waiting[] = [];
  private inProgress = 0;
  private restUntil = 0;
  /** In this turn of the event loop. */
  private usedMilliseconds = 0;
  private wakeUp: NodeJS.Immediate | NodeJS.Timeout | undefined;

  constructor(isChanging: () => boolean) {
    this.isChanging = isChanging;
  }

  add(response: ServerResponse, serve: () => void): void {
    this.waiting.push({ response, serve });
    this.serveWaiting();
  }

  private serveWaiting(): void {
    while (this.waiting.length > 0 && this.mayServe()) this.serveNext();
    if (this.wakeUp) return;
    // The end of a request in progress also wakes the lane.
    const isWaiting = this.waiting.length > 0 && this.inProgress < this.limit;
    if (isWaiting && this.isChanging()) this.wakeUp = setTimeout(this.onWakeUp, Math.max(1, this.restUntil - performance.now()));
    else if (isWaiting || this.usedMilliseconds > 0) this.wakeUp = setImmediate(this.onWakeUp);
  }

  private readonly onWakeUp = (): void => {
    this.wakeUp = undefined;
    this.usedMilliseconds = 0;
    this.serveWaiting();
  };

  private mayServe(): boolean {
    if (this.inProgress >= this.limit) return false;
    return this.isChanging() ? performance.now() >= this.restUntil : this.usedMilliseconds < TURN_MILLISECONDS;
  }

  private get limit(): number {
    return this.isChanging() ? 1 : AT_ONCE;
  }

  private serveNext(): void {
    const next = this.waiting.shift();
    if (!next || next.response.destroyed) return;
    const startedAt = performance.now();
    this.inProgress += 1;
    try {
      next.serve();
    } finally {
      this.usedMilliseconds += performance.now() - startedAt;
      if (next.response.writableEnded) this.end(startedAt);
      else this.endLater(next.response, startedAt);
    }
  }

  private endLater(response: ServerResponse, startedAt: number): void {
    const end = (): void => {
      response.off('close', end);
      clearInterval(timer);
      this.end(startedAt);
      this.serveWaiting();
    };
    const timer = setInterval(() => {
      // A response that has begun and not ended is a stream.
      if (response.headersSent || performance.now() - startedAt >= LONG_MILLISECONDS) end();
    }, CHECK_MILLISECONDS);
    response.once('close', end);
  }

  private end(startedAt: number): void {
    this.inProgress -= 1;
    const now = performance.now();
    this.restUntil = now + Math.min(REST * (now - startedAt), REST_MILLISECONDS_MAX);
  }
}
