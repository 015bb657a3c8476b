import { AF_INET, AF_INET6, type EntryView } from '../entries/entry-view.ts';
import { attributeLength, attributeType, MalformedMessage, short, word } from './attribute-values.ts';
import { CTA, NFGEN_HEADER_BYTES, NLA_HEADER_BYTES, NLMSG_HEADER_BYTES } from './ctnetlink.ts';
import { decodeCounters, decodeHelper, decodeProtocolInfo, decodeSecctx, decodeSequenceAdjust, decodeTimestamp } from './decode-details.ts';
import { decodeTuple } from './decode-tuple.ts';

export { MalformedMessage } from './attribute-values.ts';

/** 128 labels. */
const LABEL_BYTES_MAX = 16;

/** The same bytes as octets and as the 16-bit and 32-bit words of the host, for netlink headers, which begin at multiples of four. */
export interface MessageBuffer {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
}

export function messageBuffer(length: number): MessageBuffer {
  const buffer = new ArrayBuffer(length);
  return { bytes: new Uint8Array(buffer), words: new Uint32Array(buffer) };
}

/**
 * Reads one ctnetlink message about an entry into `view`, which then points into `buffer`. Attributes that are not known are passed over.
 *
 * @param at of the netlink header, a multiple of four
 * @param end behind the message
 * @throws MalformedMessage where a length leads out of what it is in, or the entry lacks its tuples
 */
export function decodeEntry({ bytes, words }: MessageBuffer, at: number, end: number, view: EntryView): void {
  view.clear(bytes);
  const body = at + NLMSG_HEADER_BYTES;
  if (end - body < NFGEN_HEADER_BYTES) throw new MalformedMessage('a message without its header', at);
  view.family = bytes[body] as number;
  if (view.family !== AF_INET && view.family !== AF_INET6) throw new MalformedMessage('a family that is neither IPv4 nor IPv6', body);
  let tuples = 0;
  let place = body + NFGEN_HEADER_BYTES;
  while (place < end) {
    const header = words[place >>> 2] as number;
    const length = attributeLength(header);
    const stop = place + length;
    if (length < NLA_HEADER_BYTES || stop > end) throw new MalformedMessage('an attribute of impossible length', place);
    const value = place + NLA_HEADER_BYTES;
    switch (attributeType(header)) {
      case CTA.tupleOriginal:
        decodeTuple(bytes, words, value, stop, view, view.original);
        tuples |= 1;
        break;
      case CTA.tupleReply:
        decodeTuple(bytes, words, value, stop, view, view.reply);
        tuples |= 2;
        break;
      case CTA.status:
        view.status = word(bytes, value, stop);
        break;
      case CTA.protocolInfo:
        decodeProtocolInfo(bytes, words, value, stop, view);
        break;
      case CTA.timeout:
        view.timeout = word(bytes, value, stop) >>> 0;
        break;
      case CTA.mark:
        view.hasMark = true;
        view.mark = word(bytes, value, stop);
        break;
      case CTA.countersOriginal:
        decodeCounters(bytes, words, value, stop, view.original);
        break;
      case CTA.countersReply:
        decodeCounters(bytes, words, value, stop, view.reply);
        break;
      case CTA.use:
        view.use = word(bytes, value, stop) >>> 0;
        break;
      case CTA.id:
        view.hasId = true;
        view.id = word(bytes, value, stop);
        break;
      case CTA.zone:
        view.zone = short(bytes, value, stop);
        break;
      default:
        decodeRare(attributeType(header), value, stop, bytes, words, view);
    }
    place = (stop + 3) & ~3;
  }
  if (tuples !== 3) throw new MalformedMessage('an entry without its two tuples', at);
}

/** What few entries have. */
function decodeRare(type: number, value: number, stop: number, bytes: Uint8Array, words: Uint32Array, view: EntryView): void {
  switch (type) {
    case CTA.labels:
      view.labels = value;
      view.labelsLength = Math.min(stop - value, LABEL_BYTES_MAX);
      break;
    case CTA.help:
      decodeHelper(bytes, words, value, stop, view);
      break;
    case CTA.secctx:
      decodeSecctx(bytes, words, value, stop, view);
      break;
    case CTA.timestamp:
      decodeTimestamp(bytes, words, value, stop, view);
      break;
    case CTA.sequenceAdjustOriginal:
      decodeSequenceAdjust(bytes, words, value, stop, view.original);
      break;
    case CTA.sequenceAdjustReply:
      decodeSequenceAdjust(bytes, words, value, stop, view.reply);
      break;
  }
}
