import { ByteWriter } from '../entries/byte-writer.ts';

export const CHUNK_BYTES = 65_536;
/** Buffers that are kept for later; more are left to the garbage collector. */
const SPARE_MAX = 64;

/** Takes whole frames for one client. @param length bytes of the buffer that are frames */
export type GiveChunk = (buffer: ArrayBuffer, length: number) => void;

/** Gathers frames for one client at a time into buffers, which come back to be used again. */
export class ChunkWriter {
  readonly out = new ByteWriter(new Uint8Array(CHUNK_BYTES));
  private readonly spare: ArrayBuffer[] = [];
  private give: GiveChunk = () => undefined;

  /** Lets the next frames go to another client. Only after `flush`. */
  writeTo(give: GiveChunk): void {
    this.give = give;
  }

  /** Makes room for a frame; false where none can be large enough. */
  reserve(bytes: number): boolean {
    if (this.out.at + bytes > CHUNK_BYTES) this.flush();
    return bytes <= CHUNK_BYTES;
  }

  /** @param frame in ASCII, small */
  text(frame: string): void {
    this.reserve(frame.length);
    this.out.ascii(frame);
  }

  flush(): void {
    const { bytes, at } = this.out;
    if (at === 0) return;
    this.out.into(new Uint8Array(this.spare.pop() ?? new ArrayBuffer(CHUNK_BYTES)));
    this.give(bytes.buffer as ArrayBuffer, at);
  }

  /** One that was given, and that nobody reads any more. */
  takeBack(buffer: ArrayBuffer): void {
    if (this.spare.length < SPARE_MAX) this.spare.push(buffer);
  }
}
