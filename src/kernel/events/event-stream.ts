import type { EventRequest, EventsEnd } from '../../domain/filter/entry-event.ts';
import type { EventFeed, Listener } from './event-feed.ts';
import { eventFrame } from './event-frames.ts';
import type { EventMessage } from './event-messages.ts';

type Bytes = IteratorResult<Uint8Array, undefined>;
export type Refusal = EventMessage & { readonly kind: 'refused' | 'broken' };

interface Chunk {
  readonly bytes: Uint8Array;
  /** What the thread gets back. */
  readonly lent?: ArrayBuffer;
}

const DONE: Bytes = { done: true, value: undefined };

/**
 * What one client is told. A chunk is valid until the next is asked for: its buffer then goes back to the thread. Not a generator: `return` must end it at once, also while a
 * chunk is awaited. Asked by one taker, one chunk at a time.
 */
export class EventStream implements AsyncIterableIterator<Uint8Array, undefined> {
  /** Resolves once the kernel is listened to, or with why it is not. */
  readonly opened: Promise<Refusal | undefined>;
  /** Called once, when it is over. */
  private readonly over: () => void;
  private readonly patienceMilliseconds: number;
  private readonly listener: Listener;
  private readonly chunks: Chunk[] = [];
  private settleOpened: (refusal: Refusal | undefined) => void = () => undefined;
  private wake: () => void = () => undefined;
  private stall: NodeJS.Timeout | undefined;
  private lent: ArrayBuffer | undefined;
  private isOver = false;

  /** @param patienceMilliseconds how long a chunk may wait to be taken before the client is given up */
  constructor(feed: EventFeed, request: EventRequest, patienceMilliseconds: number, over: () => void) {
    this.patienceMilliseconds = patienceMilliseconds;
    this.over = over;
    this.opened = new Promise((resolve) => (this.settleOpened = resolve));
    this.listener = feed.listen(request, (message) => {
      this.hear(message);
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<Bytes> {
    clearTimeout(this.stall);
    if (this.lent) this.listener.taken(this.lent);
    this.lent = undefined;
    while (this.chunks.length === 0 && !this.isOver) await new Promise<void>((resolve) => (this.wake = resolve));
    const chunk = this.chunks.shift();
    if (!chunk) return DONE;
    this.lent = chunk.lent;
    if (!this.isOver) this.expectTaker();
    return { done: false, value: chunk.bytes };
  }

  return(): Promise<Bytes> {
    this.chunks.length = 0;
    this.finish();
    return Promise.resolve(DONE);
  }

  /** Lets the client take what there is for it, and tells it why there will be no more. */
  end(reason: string): void {
    if (this.isOver) return;
    this.chunks.push({ bytes: Buffer.from(eventFrame('end', { reason } satisfies EventsEnd)) });
    this.finish();
  }

  private hear(message: EventMessage): void {
    switch (message.kind) {
      case 'listening':
        this.settleOpened(undefined);
        break;
      case 'chunk':
        this.chunks.push({ bytes: new Uint8Array(message.buffer, 0, message.length), lent: message.buffer });
        this.wake();
        break;
      case 'refused':
        this.settleOpened(message);
        this.finish();
        break;
      case 'broken':
        this.settleOpened(message);
        this.end(`Events ended: ${message.reason}.`);
        break;
    }
  }

  /** A client that stands still must not keep others out; what it finds when it goes on is the end, and not what it has missed. */
  private expectTaker(): void {
    this.stall = setTimeout(() => {
      this.chunks.length = 0;
      this.end(`Nothing was read for ${String(this.patienceMilliseconds / 1_000)} s.`);
    }, this.patienceMilliseconds).unref();
  }

  private finish(): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.stall);
    this.listener.stop();
    this.over();
    this.wake();
  }
}
