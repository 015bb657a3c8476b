import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ChunkStream, pump } from '../../../src/http/entries/chunk-stream.ts';

/** Yields these chunks, each in the same memory, and optionally fails at the end. Reports whether it was ended and how far it was read. */
class Chunks implements AsyncIterableIterator<Uint8Array, undefined> {
  given = 0;
  isEnded = false;
  private readonly texts: readonly string[];
  private readonly failure: Error | undefined;
  private readonly memory = new Uint8Array(16);

  constructor(texts: readonly string[], failure?: Error) {
    this.texts = texts;
    this.failure = failure;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.memory.fill(0x78);
    if (this.isEnded) return Promise.resolve({ done: true, value: undefined });
    const text = this.texts[this.given];
    if (text === undefined) return this.failure ? Promise.reject(this.failure) : Promise.resolve({ done: true, value: undefined });
    this.given += 1;
    this.memory.set(Buffer.from(text));
    return Promise.resolve({ done: false, value: this.memory.subarray(0, text.length) });
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.isEnded = true;
    return Promise.resolve({ done: true, value: undefined });
  }
}

/** Consumes each chunk after a delay, like a slow client. */
function slowSink(): { sink: Writable; text: () => string } {
  let text = '';
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      setTimeout(() => {
        text += chunk.toString();
        done();
      }, 2);
    },
  });
  return { sink, text: () => text };
}

describe('chunks whose memory is reused', () => {
  it('are written one by one, each before the next is requested', async () => {
    const { sink, text } = slowSink();
    const chunks = new Chunks(['one ', 'two ', 'three']);
    await pump(chunks, sink);
    expect(text()).toBe('one two three');
    expect(sink.writableEnded).toBe(true);
    expect(chunks.isEnded).toBe(true);
  });

  it('are no longer produced once the sink is closed', async () => {
    const sink = new Writable({ write: () => undefined });
    const chunks = new Chunks(['one', 'two', 'three']);
    const pumped = pump(chunks, sink);
    await new Promise((resolve) => setImmediate(resolve));
    sink.destroy();
    await pumped;
    expect(chunks).toMatchObject({ given: 1, isEnded: true });
  });

  it('truncate the response if they fail', async () => {
    const { sink } = slowSink();
    const failed = new Promise((resolve) => sink.once('error', resolve));
    await pump(new Chunks(['one'], new Error('the thread ended early')), sink);
    expect(await failed).toMatchObject({ message: 'the thread ended early' });
    expect(sink.writableEnded).toBe(false);
  });

  it('can be piped as a stream', async () => {
    const { sink, text } = slowSink();
    const finished = new Promise((resolve) => sink.once('finish', resolve));
    new ChunkStream(new Chunks(['one ', 'two'])).pipe(sink);
    await finished;
    expect(text()).toBe('one two');
  });

  it('are ended if their stream is destroyed, piped or not', async () => {
    const chunks = [new Chunks(['one']), new Chunks(['one', 'two'])];
    const [unused, piped] = chunks.map((of) => new ChunkStream(of));
    piped?.pipe(new PassThrough());
    piped?.destroy();
    unused?.destroy();
    await new Promise((resolve) => setImmediate(resolve));
    expect(chunks.map(({ isEnded }) => isEnded)).toEqual([true, true]);
  });
});

it('adds one listener to the sink, however many chunks it writes', async () => {
  const counts = new Set<number>();
  const sink = new Writable({
    write: (_chunk, _encoding, done) => {
      counts.add(sink.listenerCount('close'));
      setImmediate(done);
    },
  });
  const before = sink.listenerCount('close');
  await pump(new Chunks(['a', 'b', 'c']), sink);
  expect([...counts]).toEqual([before + 1]);
  expect(sink.listenerCount('close')).toBe(before);
});
