import { NLA_HEADER_BYTES, NLA_TYPE_MASK } from './ctnetlink.ts';

/** A message that violates the netlink format, or lacks an attribute that it must have. */
export class MalformedMessage extends Error {
  /** In bytes, from the beginning of the buffer. */
  readonly offset: number;

  constructor(what: string, offset: number) {
    super(`${what} at offset ${String(offset)}`);
    this.offset = offset;
  }
}

/** Whether this host stores the low byte first: netlink headers are in the host's byte order. */
export const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** @param header type and flags of a message (`nlmsg_type`, `nlmsg_flags`), read as one word of the host */
export function messageType(header: number): number {
  return LITTLE_ENDIAN ? header & 0xffff : header >>> 16;
}

/** @param header as in `messageType` */
export function messageFlags(header: number): number {
  return LITTLE_ENDIAN ? header >>> 16 : header & 0xffff;
}

/** In bytes, with its header. @param header length and type of an attribute (`nla_len`, `nla_type`), read as one word of the host */
function attributeLength(header: number): number {
  return LITTLE_ENDIAN ? header & 0xffff : header >>> 16;
}

/** The reverse of `attributeLength` and `attributeType`. */
export function headerOf(length: number, type: number): number {
  return (LITTLE_ENDIAN ? length | (type << 16) : type | (length << 16)) >>> 0;
}

/** @param header as in `attributeLength` */
export function attributeType(header: number): number {
  return (LITTLE_ENDIAN ? header >>> 16 : header) & NLA_TYPE_MASK;
}

export function word(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 4) throw new MalformedMessage('a 32-bit value of fewer than 4 bytes', at);
  return read32(bytes, at);
}

/** Big-endian, signed; the caller has checked that four octets are there. */
export function read32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
}

export function short(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 2) throw new MalformedMessage('a 16-bit value of fewer than 2 bytes', at);
  return read16(bytes, at);
}

/** Big-endian; the caller has checked that two octets are there. */
export function read16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

export function octet(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 1) throw new MalformedMessage('a value of 0 bytes', at);
  return bytes[at] as number;
}

/** Where the attribute that begins at `offset` with `header` ends. @throws MalformedMessage if that is behind `end` */
export function attributeEnd(header: number, offset: number, end: number): number {
  const length = attributeLength(header);
  if (length < NLA_HEADER_BYTES || offset + length > end) throw new MalformedMessage('an attribute with an invalid length', offset);
  return offset + length;
}
