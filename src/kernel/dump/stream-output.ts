import type { StreamFormat } from '../../domain/entry.ts';
import { ByteWriter } from '../entries/byte-writer.ts';
import { FORMATS } from '../entries/entry-formats.ts';
import type { EntryView } from '../entries/entry-view.ts';
import { lineBytesMax } from '../entries/ndjson.ts';
import type { DumpResult } from './dump-job.ts';
import type { Output } from './outputs.ts';

const NOTHING = new Uint8Array(0);

/** Writes entries into the buffers it is given, and sends each buffer when it is full. */
export class StreamOutput implements Output {
  entries = 0;
  private readonly format: (typeof FORMATS)[StreamFormat];
  private readonly send: (buffer: ArrayBuffer, length: number) => void;
  private readonly limit: number;
  private isBeyond = false;
  private readonly spare: ArrayBuffer[] = [];
  private readonly out = new ByteWriter(NOTHING);

  /** @param limit number of entries; `undefined`: all */
  constructor(format: StreamFormat, limit: number | undefined, send: (buffer: ArrayBuffer, length: number) => void) {
    this.format = FORMATS[format];
    this.limit = limit ?? Number.POSITIVE_INFINITY;
    this.send = send;
  }

  addBuffer(buffer: ArrayBuffer): void {
    this.spare.push(buffer);
  }

  /** Whether an entry can be written. */
  hasRoom(): boolean {
    return this.out.bytes.length > 0 || this.spare.length > 0;
  }

  take(view: EntryView): boolean {
    if (this.entries >= this.limit) {
      this.isBeyond = true;
      return true;
    }
    const needed = lineBytesMax(view);
    if (this.out.bytes.length - this.out.at < needed) {
      this.flush();
      const buffer = this.spare.pop();
      if (!buffer) return false;
      if (needed > buffer.byteLength) throw new RangeError(`an entry needs up to ${String(needed)} bytes, more than a buffer holds`);
      this.out.into(new Uint8Array(buffer));
    }
    this.format.write(view, this.out);
    this.entries += 1;
    return true;
  }

  /** Sends what is written so far. */
  flush(): void {
    const { bytes, at } = this.out;
    if (at === 0) return;
    this.out.into(NOTHING);
    this.send(bytes.buffer as ArrayBuffer, at);
  }

  /** Only the entry after the limit shows that there are more. */
  isFull(): boolean {
    return this.isBeyond;
  }

  finish(): DumpResult {
    this.flush();
    return {};
  }
}
