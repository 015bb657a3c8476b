import type { StreamFormat } from '../../domain/entry.ts';
import { FORMATS } from '../entries/entry-formats.ts';
import type { DumpPass, PassEnd } from './dump-pass.ts';

/** How long a client may take before its dump is interrupted: to take one chunk, and all of them. */
export interface Patience {
  readonly chunkMilliseconds: number;
  readonly wholeMilliseconds: number;
}

type Bytes = IteratorResult<Uint8Array, undefined>;

const DONE: Bytes = { done: true, value: undefined };
/** Some hundred entries; two to be filled while one is on its way. */
const BUFFER_BYTES = 262_144;
const BUFFERS_A_PART = 3;

/**
 * Header, chunks and trailer of a dump. A chunk is valid until the next is asked for: its buffer then goes back to be filled again. Not a
 * generator: `return` must end the dump at once, also before the first chunk was taken and while one is awaited.
 */
export class DumpStream implements AsyncIterableIterator<Uint8Array, undefined> {
  private readonly pass: DumpPass;
  private readonly format: (typeof FORMATS)[StreamFormat];
  private readonly summarise: (end: PassEnd) => Parameters<(typeof FORMATS)[StreamFormat]['trailer']>[0];
  private readonly chunkMilliseconds: number;
  private readonly whole: NodeJS.Timeout;
  private lent: (() => void) | undefined;
  private stage: 'header' | 'entries' | 'done' = 'header';
  private stall: NodeJS.Timeout | undefined;

  constructor(
    pass: DumpPass,
    parts: number,
    format: StreamFormat,
    summarise: DumpStream['summarise'],
    { chunkMilliseconds, wholeMilliseconds }: Patience,
  ) {
    this.pass = pass;
    this.format = FORMATS[format];
    this.summarise = summarise;
    this.chunkMilliseconds = chunkMilliseconds;
    this.whole = setTimeout(() => {
      pass.stop(`it took longer than ${String(wholeMilliseconds / 1_000)} s`);
    }, wholeMilliseconds).unref();
    for (let part = 0; part < parts; part += 1)
      for (let count = 0; count < BUFFERS_A_PART; count += 1) pass.give(part, new ArrayBuffer(BUFFER_BYTES));
    this.expectTaker();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<Bytes> {
    clearTimeout(this.stall);
    this.lent?.();
    this.lent = undefined;
    if (this.stage === 'header') {
      this.stage = 'entries';
      if (this.format.header !== '') return this.given(Buffer.from(this.format.header));
    }
    if (this.stage === 'done') return DONE;
    const next = await this.pass.take();
    // `return` may have been called meanwhile.
    if (this.isDone()) return DONE;
    if (next) {
      const [part, { buffer, length }] = next;
      this.lent = () => {
        this.pass.give(part, buffer);
      };
      return this.given(new Uint8Array(buffer, 0, length));
    }
    this.stage = 'done';
    clearTimeout(this.whole);
    return { done: false, value: Buffer.from(this.format.trailer(this.summarise(this.pass.end()))) };
  }

  return(): Promise<Bytes> {
    this.stage = 'done';
    clearTimeout(this.stall);
    clearTimeout(this.whole);
    this.pass.stop('it was given up');
    return Promise.resolve(DONE);
  }

  private given(value: Uint8Array): Bytes {
    this.expectTaker();
    return { done: false, value };
  }

  /** A client that stops reading, or a caller that never began, must not keep a dump for ever. */
  private expectTaker(): void {
    this.stall = setTimeout(() => {
      this.pass.stop(`no chunk was taken for ${String(this.chunkMilliseconds / 1_000)} s`);
    }, this.chunkMilliseconds);
    this.stall.unref();
  }

  private isDone(): boolean {
    return this.stage === 'done';
  }
}
