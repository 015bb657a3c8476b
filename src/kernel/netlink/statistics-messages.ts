import { LITTLE_ENDIAN } from './attribute-values.ts';
import { NFGEN_HEADER_BYTES, NLA_HEADER_BYTES, NLA_TYPE_MASK, NLMSG_DONE, NLMSG_ERROR, NLMSG_HEADER_BYTES } from './ctnetlink.ts';
import { MalformedMessage } from './decode.ts';
import { NetlinkError } from './netlink-socket.ts';

const NUMBER_BYTES = 4;

/** The content of one receive. */
export interface StatisticsMessages {
  /** The 32-bit attributes of each message, by number. Attributes of another length are skipped. */
  readonly messages: readonly ReadonlyMap<number, number>[];
  /** Whether the kernel reported the end of the dump. */
  readonly isDone: boolean;
}

/** @throws MalformedMessage if a length exceeds its container; NetlinkError if the kernel refused the request */
export function readStatisticsMessages(received: Uint8Array): StatisticsMessages {
  const view = new DataView(received.buffer, received.byteOffset, received.byteLength);
  const messages: ReadonlyMap<number, number>[] = [];
  let at = 0;
  while (at < received.length) {
    const rest = received.length - at;
    const length = rest < NLMSG_HEADER_BYTES ? 0 : view.getUint32(at, LITTLE_ENDIAN);
    if (length < NLMSG_HEADER_BYTES || length > rest) throw new MalformedMessage('a message with an invalid length', at);
    const type = view.getUint16(at + 4, LITTLE_ENDIAN);
    if (type === NLMSG_ERROR || type === NLMSG_DONE) {
      requireNoError(view, at, length);
      return { messages, isDone: true };
    }
    messages.push(numbersOf(view, at + NLMSG_HEADER_BYTES + NFGEN_HEADER_BYTES, at + length));
    at += aligned(length);
  }
  return { messages, isDone: false };
}

function numbersOf(view: DataView, from: number, end: number): ReadonlyMap<number, number> {
  const numbers = new Map<number, number>();
  for (let at = from; at < end;) {
    const length = end - at < NLA_HEADER_BYTES ? 0 : view.getUint16(at, LITTLE_ENDIAN);
    if (length < NLA_HEADER_BYTES || at + length > end) throw new MalformedMessage('an attribute with an invalid length', at);
    const type = view.getUint16(at + 2, LITTLE_ENDIAN) & NLA_TYPE_MASK;
    if (length === NLA_HEADER_BYTES + NUMBER_BYTES) numbers.set(type, view.getUint32(at + NLA_HEADER_BYTES));
    at += aligned(length);
  }
  return numbers;
}

function requireNoError(view: DataView, at: number, length: number): void {
  if (length < NLMSG_HEADER_BYTES + NUMBER_BYTES) return;
  const error = view.getInt32(at + NLMSG_HEADER_BYTES, LITTLE_ENDIAN);
  if (error < 0) throw new NetlinkError('ctnetlink statistics', -error);
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}
