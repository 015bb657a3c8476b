import { Readable, type Writable } from 'node:stream';

/**
 * Writes chunks one at a time, each only after the sink has consumed the previous one, because the source then reuses its memory.
 * Ends the source if the sink closes early, and destroys the sink if the source fails: a truncated response lacks its trailer.
 */
export async function pump(chunks: AsyncIterable<Uint8Array>, sink: Writable): Promise<void> {
  const iterator = chunks[Symbol.asyncIterator]();
  let consumed = (): void => undefined;
  const abandon = (): void => {
    end(iterator);
    consumed();
  };
  /** Settles when the sink no longer needs the chunk: it was written, or the sink closed. */
  const written = (chunk: Uint8Array): Promise<void> =>
    new Promise((resolve) => {
      consumed = resolve;
      sink.write(chunk, () => {
        resolve();
      });
    });
  sink.once('close', abandon);
  try {
    for (let next = await iterator.next(); next.done !== true && !sink.destroyed; next = await iterator.next()) await written(next.value);
    sink.end();
  } catch (error) {
    sink.destroy(error instanceof Error ? error : new Error(String(error)));
  } finally {
    sink.off('close', abandon);
    abandon();
  }
}

/** Chunks as a stream that can be piped once and not read: reading would buffer the chunks, which would require copies. */
export class ChunkStream extends Readable {
  private readonly chunks: AsyncIterable<Uint8Array>;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    super({ read: () => undefined });
    this.chunks = chunks;
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T): T {
    void pump(this.chunks, destination as unknown as Writable).finally(() => {
      this.destroy();
    });
    return destination;
  }

  /** Ends the source, even if the stream was never piped. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    end(this.chunks[Symbol.asyncIterator]());
    done(error);
  }
}

/** Ends the source. There is no one left to tell about a failure. */
function end(iterator: AsyncIterator<Uint8Array>): void {
  iterator.return?.().catch(() => undefined);
}
