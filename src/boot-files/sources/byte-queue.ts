/** Reads portions of bytes from chunks of any size. Buffers at most one chunk and the requested portion. */
export class ByteQueue {
  private readonly chunks: AsyncIterator<Buffer>;
  private current: Buffer = Buffer.alloc(0);
  private ended = false;
  private taken = 0;
  private readonly bytesMax: number;

  /** @param bytesMax reading more than this throws a RangeError */
  constructor(chunks: AsyncIterable<Buffer>, bytesMax: number) {
    this.chunks = chunks[Symbol.asyncIterator]();
    this.bytesMax = bytesMax;
  }

  /** Returns exactly `length` bytes, or fewer at the end, without consuming them. */
  async peek(length: number): Promise<Buffer> {
    while (this.current.length < length && !this.ended) await this.readChunk();
    return this.current.subarray(0, length);
  }

  async take(length: number): Promise<Buffer> {
    const bytes = await this.peek(length);
    this.current = this.current.subarray(bytes.length);
    return bytes;
  }

  async skip(length: number): Promise<void> {
    let left = length;
    while (left > 0) {
      const { length: skipped } = await this.take(Math.min(left, Math.max(1, this.current.length)));
      if (skipped === 0) return;
      left -= skipped;
    }
  }

  /** Consumes the rest as chunks. */
  async *rest(): AsyncGenerator<Buffer> {
    for (;;) {
      if (this.current.length > 0) yield this.current;
      this.current = Buffer.alloc(0);
      if (this.ended) return;
      await this.readChunk();
    }
  }

  private async readChunk(): Promise<void> {
    const next = await this.chunks.next();
    if (next.done === true) {
      this.ended = true;
      return;
    }
    this.taken += next.value.length;
    if (this.taken > this.bytesMax) throw new RangeError(`more than ${this.bytesMax} bytes`);
    this.current = this.current.length === 0 ? next.value : Buffer.concat([this.current, next.value]);
  }
}
