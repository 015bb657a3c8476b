import type { EventRequest, EventsEnd } from '../../domain/filter/entry-event.ts';
import type { Subscription } from './event-feed.ts';
import { eventFrame } from './event-frames.ts';
import { gapOf } from './gap-account.ts';
import type { EventMessage } from './event-messages.ts';

type Bytes = IteratorResult<Uint8Array, undefined>;
export type Refusal = EventMessage & { readonly kind: 'refused' | 'broken' };

/** What streams get their events from. */
export interface EventSource {
  subscribe(request: EventRequest, onMessage: (message: EventMessage) => void): Subscription;
}

interface Chunk {
  readonly bytes: Uint8Array;
  /** The buffer to return to the worker. */
  readonly borrowed?: ArrayBuffer;
}

const DONE: Bytes = { done: true, value: undefined };

/**
 * The event stream of one client. A chunk is valid until the next one is requested: then its buffer goes back to the worker. One consumer,
 * one request at a time. Not a generator: `return` must end the stream at once, even while a chunk is awaited.
 */
export class EventStream implements AsyncIterableIterator<Uint8Array, undefined> {
  /** Resolves when the service listens to the kernel, or with the reason why it cannot. */
  readonly opened: Promise<Refusal | undefined>;
  /** Called once, when the stream ends. */
  private readonly onEnd: () => void;
  private readonly timeoutMilliseconds: number;
  private readonly subscription: Subscription;
  private readonly chunks: Chunk[] = [];
  private settleOpened: (refusal: Refusal | undefined) => void = () => undefined;
  private wake: () => void = () => undefined;
  private stallTimer: NodeJS.Timeout | undefined;
  private borrowed: ArrayBuffer | undefined;
  private hasEnded = false;

  /** @param timeoutMilliseconds how long the client may read nothing before its stream ends */
  constructor(source: EventSource, request: EventRequest, timeoutMilliseconds: number, onEnd: () => void) {
    this.timeoutMilliseconds = timeoutMilliseconds;
    this.onEnd = onEnd;
    this.opened = new Promise((resolve) => (this.settleOpened = resolve));
    this.subscription = source.subscribe(request, (message) => {
      this.onMessage(message);
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<Bytes> {
    clearTimeout(this.stallTimer);
    if (this.borrowed) this.subscription.taken(this.borrowed);
    this.borrowed = undefined;
    while (this.chunks.length === 0 && !this.hasEnded) await new Promise<void>((resolve) => (this.wake = resolve));
    const chunk = this.chunks.shift();
    if (!chunk) return DONE;
    this.borrowed = chunk.borrowed;
    if (!this.hasEnded) this.startStallTimer();
    return { done: false, value: chunk.bytes };
  }

  return(): Promise<Bytes> {
    this.chunks.length = 0;
    this.finish();
    return Promise.resolve(DONE);
  }

  /** Ends the stream after the chunks that are pending and an `end` event with this reason. */
  end(reason: string): void {
    if (this.hasEnded) return;
    this.chunks.push({ bytes: Buffer.from(eventFrame('end', { reason } satisfies EventsEnd)) });
    this.finish();
  }

  private onMessage(message: EventMessage): void {
    switch (message.kind) {
      case 'listening':
        this.settleOpened(undefined);
        break;
      case 'chunk':
        this.chunks.push({ bytes: new Uint8Array(message.buffer, 0, message.length), borrowed: message.buffer });
        this.wake();
        break;
      case 'refused':
        this.settleOpened(message);
        this.finish();
        break;
      case 'lost':
        this.settleOpened({ kind: 'refused', what: 'open', failure: { code: 'ESTALE', message: message.reason } });
        if (!this.hasEnded) this.chunks.push({ bytes: Buffer.from(eventFrame('gap', gapOf('namespace'))) });
        this.end(message.reason);
        break;
      case 'broken':
        this.settleOpened(message);
        this.end(`Events ended: ${message.reason}.`);
        break;
    }
  }

  /** A stalled client must not occupy a place. If it continues to read, it gets the `end` event only. */
  private startStallTimer(): void {
    this.stallTimer = setTimeout(() => {
      this.chunks.length = 0;
      this.end(`The client read nothing for ${String(this.timeoutMilliseconds / 1_000)} s.`);
    }, this.timeoutMilliseconds).unref();
  }

  private finish(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    clearTimeout(this.stallTimer);
    this.subscription.stop();
    this.onEnd();
    this.wake();
  }
}
