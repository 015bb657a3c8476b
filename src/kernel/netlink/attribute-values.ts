import { NLA_HEADER_BYTES, NLA_TYPE_MASK } from './ctnetlink.ts';

/** A message that is not as netlink messages are. */
export class MalformedMessage extends Error {
  /** Bytes from the beginning of the buffer. */
  readonly offset: number;

  constructor(what: string, offset: number) {
    super(`${what} at offset ${String(offset)}`);
    this.offset = offset;
  }
}

/** An attribute's header as one word of the host: length, then type. */
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Of an attribute, its header included. */
export function attributeLength(header: number): number {
  return LITTLE_ENDIAN ? header & 0xffff : header >>> 16;
}

/** The header of an attribute as `attributeLength` and `attributeType` read it. */
export function headerOf(length: number, type: number): number {
  return (LITTLE_ENDIAN ? length | (type << 16) : type | (length << 16)) >>> 0;
}

export function attributeType(header: number): number {
  return (LITTLE_ENDIAN ? header >>> 16 : header) & NLA_TYPE_MASK;
}

export function word(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 4) throw new MalformedMessage('a 32-bit value that is shorter', at);
  return read32(bytes, at);
}

/** Big-endian, signed, from where there are four octets. */
export function read32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
}

export function short(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 2) throw new MalformedMessage('a 16-bit value that is shorter', at);
  return read16(bytes, at);
}

/** Big-endian, from where there are two octets. */
export function read16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

export function octet(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 1) throw new MalformedMessage('an empty value', at);
  return bytes[at] as number;
}

/** Where the attribute at `place` ends. */
export function attributeEnd(words: Uint32Array, place: number, end: number): number {
  const length = attributeLength(words[place >>> 2] as number);
  if (length < NLA_HEADER_BYTES || place + length > end) throw new MalformedMessage('an attribute of impossible length', place);
  return place + length;
}
