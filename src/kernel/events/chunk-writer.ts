import { ByteWriter } from '../entries/byte-writer.ts';

const CHUNK_BYTES = 65_536;
/** Spare buffers kept for reuse. Further ones are left to the garbage collector. */
const SPARE_MAX = 64;

/** Sends whole frames to one client. @param length used bytes of the buffer */
export type SendChunk = (buffer: ArrayBuffer, length: number) => void;

/** Collects frames into buffers, for one client at a time. Buffers come back for reuse. */
export class ChunkWriter {
  readonly out = new ByteWriter(new Uint8Array(CHUNK_BYTES));
  private readonly spare: ArrayBuffer[] = [];
  private send: SendChunk = () => undefined;

  /** Sends the next frames to this client. Only after `flush`. */
  writeTo(send: SendChunk): void {
    this.send = send;
  }

  /** Makes room for a frame. False if a frame of this size never fits. */
  reserve(bytes: number): boolean {
    if (this.out.at + bytes > CHUNK_BYTES) this.flush();
    return bytes <= CHUNK_BYTES;
  }

  /** @param frame a small frame, ASCII */
  text(frame: string): void {
    this.reserve(frame.length);
    this.out.ascii(frame);
  }

  flush(): void {
    const { bytes, at } = this.out;
    if (at === 0) return;
    this.out.into(new Uint8Array(this.spare.pop() ?? new ArrayBuffer(CHUNK_BYTES)));
    this.send(bytes.buffer as ArrayBuffer, at);
  }

  /** Takes a sent buffer back when the client has consumed it. */
  takeBack(buffer: ArrayBuffer): void {
    if (this.spare.length < SPARE_MAX) this.spare.push(buffer);
  }
}
