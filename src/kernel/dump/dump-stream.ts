import type { StreamFormat } from '../../domain/entry.ts';
import { FORMATS } from '../entries/entry-formats.ts';
import type { DumpPass, PassEnd } from './dump-pass.ts';

/** When a slow client’s dump is interrupted. */
export interface StreamTimeouts {
  /** How long the client may take to read one chunk. */
  readonly chunkMilliseconds: number;
  /** How long the client may take to read the stream. */
  readonly totalMilliseconds: number;
}

type Bytes = IteratorResult<Uint8Array, undefined>;

const DONE: Bytes = { done: true, value: undefined };
/** A few hundred entries. Of each part, one chunk is sent while two are filled. */
const BUFFER_BYTES = 262_144;
const BUFFERS_A_PART = 3;

/**
 * Header, chunks and trailer of a dump. A chunk is valid until the next one is requested: then its buffer is filled again. Not a generator:
 * `return` must end the dump at once, even before the first chunk was taken or while one is awaited.
 */
export class DumpStream implements AsyncIterableIterator<Uint8Array, undefined> {
  private readonly pass: DumpPass;
  private readonly format: (typeof FORMATS)[StreamFormat];
  private readonly summarise: (end: PassEnd) => Parameters<(typeof FORMATS)[StreamFormat]['trailer']>[0];
  private readonly chunkMilliseconds: number;
  private readonly totalTimer: NodeJS.Timeout;
  private returnBorrowed: (() => void) | undefined;
  private stage: 'header' | 'entries' | 'done' = 'header';
  private stallTimer: NodeJS.Timeout | undefined;

  constructor(
    pass: DumpPass,
    parts: number,
    format: StreamFormat,
    summarise: DumpStream['summarise'],
    { chunkMilliseconds, totalMilliseconds }: StreamTimeouts,
  ) {
    this.pass = pass;
    this.format = FORMATS[format];
    this.summarise = summarise;
    this.chunkMilliseconds = chunkMilliseconds;
    this.totalTimer = setTimeout(() => {
      pass.stop(`it took longer than ${String(totalMilliseconds / 1_000)} s`);
    }, totalMilliseconds).unref();
    for (let part = 0; part < parts; part += 1)
      for (let count = 0; count < BUFFERS_A_PART; count += 1) pass.give(part, new ArrayBuffer(BUFFER_BYTES));
    this.startStallTimer();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<Bytes> {
    clearTimeout(this.stallTimer);
    this.returnBorrowed?.();
    this.returnBorrowed = undefined;
    if (this.stage === 'header') {
      this.stage = 'entries';
      if (this.format.header !== '') return this.deliver(Buffer.from(this.format.header));
    }
    if (this.stage === 'done') return DONE;
    const next = await this.pass.take();
    // `return` may have been called in the meantime.
    if (this.isDone()) return DONE;
    if (next) {
      const [part, { buffer, length }] = next;
      this.returnBorrowed = () => {
        this.pass.give(part, buffer);
      };
      return this.deliver(new Uint8Array(buffer, 0, length));
    }
    this.stage = 'done';
    clearTimeout(this.totalTimer);
    return { done: false, value: Buffer.from(this.format.trailer(this.summarise(this.pass.end()))) };
  }

  return(): Promise<Bytes> {
    this.stage = 'done';
    clearTimeout(this.stallTimer);
    clearTimeout(this.totalTimer);
    this.pass.stop('the client closed the stream');
    return Promise.resolve(DONE);
  }

  private deliver(value: Uint8Array): Bytes {
    this.startStallTimer();
    return { done: false, value };
  }

  /** A client that stops reading, or never starts, must not occupy a dump forever. */
  private startStallTimer(): void {
    this.stallTimer = setTimeout(() => {
      this.pass.stop(`no chunk was taken for ${String(this.chunkMilliseconds / 1_000)} s`);
    }, this.chunkMilliseconds);
    this.stallTimer.unref();
  }

  private isDone(): boolean {
    return this.stage === 'done';
  }
}
