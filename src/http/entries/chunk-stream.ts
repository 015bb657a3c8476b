import { Readable, type Writable } from 'node:stream';

/**
 * Writes chunks one after the other, each only when the one before was taken off the sink's hands: the source uses its memory again then.
 * Ends the source when the sink closes early, and destroys the sink where the source fails: an answer that is cut off lacks its trailer.
 */
export async function pump(chunks: AsyncIterable<Uint8Array>, sink: Writable): Promise<void> {
  const iterator = chunks[Symbol.asyncIterator]();
  const abandon = (): void => void iterator.return?.();
  sink.once('close', abandon);
  try {
    for (let next = await iterator.next(); next.done !== true && !sink.destroyed; next = await iterator.next())
      await written(sink, next.value);
    sink.end();
  } catch (error) {
    sink.destroy(error instanceof Error ? error : new Error(String(error)));
  } finally {
    sink.off('close', abandon);
    abandon();
  }
}

/** Settles when the sink needs the chunk no more, also because it was closed. */
function written(sink: Writable, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    sink.once('close', resolve);
    sink.write(chunk, () => {
      sink.off('close', resolve);
      resolve();
    });
  });
}

/** Chunks as a stream that can only be piped, once: a stream that is read keeps what it was given, which would have to be copied for it. */
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

  /** Also where it was never piped. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    void this.chunks[Symbol.asyncIterator]().return?.();
    done(error);
  }
}
