import { LITTLE_ENDIAN } from './attribute-values.ts';
import { NFGEN_HEADER_BYTES, NLA_F_NESTED, NLA_HEADER_BYTES, NLMSG_HEADER_BYTES } from './ctnetlink.ts';

const NFNETLINK_V0 = 0;

/** Builds nfnetlink messages, one after the other. Numbers in attributes are big-endian; headers are in the host's byte order (netlink(7)). */
export class MessageWriter {
  private buffer: Buffer;
  private end = 0;
  private messageAt = 0;

  constructor(bytes = 1_024) {
    this.buffer = Buffer.alloc(bytes);
  }

  get length(): number {
    return this.end;
  }

  /** The bytes written so far; valid until the next write. */
  get bytes(): Buffer {
    return this.buffer.subarray(0, this.end);
  }

  clear(): void {
    this.end = 0;
  }

  /**
   * @param family AF_INET, AF_INET6, NFPROTO_INET, or 0 for all
   * @param resource of the begin and the end of a batch: the subsystem
   */
  begin(type: number, flags: number, family: number, sequence: number, resource = 0): this {
    this.messageAt = this.claim(NLMSG_HEADER_BYTES + NFGEN_HEADER_BYTES);
    writeHost16(this.buffer, this.messageAt + 4, type);
    writeHost16(this.buffer, this.messageAt + 6, flags);
    writeHost32(this.buffer, this.messageAt + 8, sequence);
    this.buffer[this.messageAt + NLMSG_HEADER_BYTES] = family;
    this.buffer[this.messageAt + NLMSG_HEADER_BYTES + 1] = NFNETLINK_V0;
    this.buffer.writeUInt16BE(resource, this.messageAt + NLMSG_HEADER_BYTES + 2);
    return this;
  }

  /** Completes the last message. */
  finish(): this {
    writeHost32(this.buffer, this.messageAt, this.end - this.messageAt);
    return this;
  }

  octet(type: number, value: number): this {
    const at = this.attribute(type, 1);
    this.buffer[at] = value;
    return this;
  }

  short(type: number, value: number): this {
    const at = this.attribute(type, 2);
    this.buffer.writeUInt16BE(value, at);
    return this;
  }

  word(type: number, value: number): this {
    const at = this.attribute(type, 4);
    this.buffer.writeUInt32BE(value >>> 0, at);
    return this;
  }

  /** In the host's byte order, which few attributes use (the flags of CTA_FILTER). */
  hostWord(type: number, value: number): this {
    const at = this.attribute(type, 4);
    writeHost32(this.buffer, at, value);
    return this;
  }

  octets(type: number, value: Uint8Array): this {
    const at = this.attribute(type, value.length);
    this.buffer.set(value, at);
    return this;
  }

  /** NUL-terminated. */
  text(type: number, value: string): this {
    return this.octets(type, Buffer.from(`${value}\0`, 'latin1'));
  }

  nest(type: number, content: () => void): this {
    const at = this.attribute(type | NLA_F_NESTED, 0) - NLA_HEADER_BYTES;
    content();
    writeHost16(this.buffer, at, this.end - at);
    return this;
  }

  /** Writes a header, reserves a payload padded to four bytes, and returns where the payload begins. Can replace `buffer`. */
  private attribute(type: number, length: number): number {
    const at = this.claim(NLA_HEADER_BYTES + length);
    writeHost16(this.buffer, at, NLA_HEADER_BYTES + length);
    writeHost16(this.buffer, at + 2, type);
    return at + NLA_HEADER_BYTES;
  }

  private claim(bytes: number): number {
    const at = this.end;
    this.end += (bytes + 3) & ~3;
    if (this.end > this.buffer.length) this.buffer = Buffer.concat([this.buffer], this.end * 2);
    else this.buffer.fill(0, at, this.end);
    return at;
  }
}

function writeHost16(buffer: Buffer, at: number, value: number): void {
  if (LITTLE_ENDIAN) buffer.writeUInt16LE(value, at);
  else buffer.writeUInt16BE(value, at);
}

function writeHost32(buffer: Buffer, at: number, value: number): void {
  if (LITTLE_ENDIAN) buffer.writeUInt32LE(value >>> 0, at);
  else buffer.writeUInt32BE(value >>> 0, at);
}
