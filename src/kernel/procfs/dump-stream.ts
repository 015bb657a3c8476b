import type { DumpSummary, StreamFormat } from '../../domain/entry.ts';
import type { Dump } from './dump.ts';
import type { DumpMessage } from './dump-messages.ts';
import type { Tally } from './dump-pass.ts';
import { FORMATS } from './entry-format.ts';

type Chunk = IteratorResult<Uint8Array, undefined>;

const DONE: Chunk = { done: true, value: undefined };

/**
 * The chunks of a dump and its trailer. Not a generator: `return` must end the dump at once, also before the first chunk was taken
 * and while one is awaited.
 */
export class DumpStream implements AsyncIterableIterator<Uint8Array, undefined> {
  private readonly dump: Dump;
  private readonly format: StreamFormat;
  private readonly source: string;
  private readonly patienceMilliseconds: number;
  private tally: Tally = { entries: 0, scanned: 0, unparsedLines: 0 };
  private done = false;
  private stall: NodeJS.Timeout | undefined;

  /** @param patienceMilliseconds how long a chunk may wait to be taken before the dump is interrupted */
  constructor(dump: Dump, format: StreamFormat, source: string, patienceMilliseconds: number) {
    this.dump = dump;
    this.format = format;
    this.source = source;
    this.patienceMilliseconds = patienceMilliseconds;
    this.expectTaker();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<Chunk> {
    if (this.done) return DONE;
    clearTimeout(this.stall);
    const message = await this.dump.take();
    if (message.kind !== 'chunk') await this.dump.ended;
    // `return` may have been called meanwhile.
    return this.isDone() ? DONE : { done: false, value: this.bytesOf(message) };
  }

  async return(): Promise<Chunk> {
    this.finish();
    await this.dump.stop('it was given up');
    return DONE;
  }

  private bytesOf(message: DumpMessage): Uint8Array {
    if (message.kind === 'chunk') {
      this.tally = message.tally;
      this.dump.grant();
      this.expectTaker();
      return message.bytes;
    }
    this.finish();
    return new TextEncoder().encode(FORMATS[this.format].trailer(this.summaryOf(message)));
  }

  private summaryOf(message: Exclude<DumpMessage, { kind: 'chunk' }>): DumpSummary {
    if (message.kind !== 'end') return { outcome: 'interrupted', ...this.tally, source: this.source, reason: reasonOf(message) };
    const { outcome, tally, reason } = message;
    return { outcome, ...tally, source: this.source, ...(reason !== undefined && { reason }) };
  }

  /** A client that stops reading, or a caller that never began, must not keep a thread for ever. */
  private expectTaker(): void {
    this.stall = setTimeout(() => {
      void this.dump.stop(`no chunk was taken for ${String(this.patienceMilliseconds / 1000)} s`);
    }, this.patienceMilliseconds);
    this.stall.unref();
  }

  private isDone(): boolean {
    return this.done;
  }

  private finish(): void {
    this.done = true;
    clearTimeout(this.stall);
  }
}

function reasonOf(message: Exclude<DumpMessage, { kind: 'chunk' | 'end' }>): string {
  return message.kind === 'broken' ? message.reason : 'the thread spoke out of turn';
}
