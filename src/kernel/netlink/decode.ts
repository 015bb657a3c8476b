import { AF_INET, AF_INET6, type EntryView } from '../entries/entry-view.ts';
import { attributeEnd, attributeType, MalformedMessage, short, word } from './attribute-values.ts';
import { CTA, NFGEN_HEADER_BYTES, NLA_HEADER_BYTES, NLMSG_HEADER_BYTES } from './ctnetlink.ts';
import { decodeCounters, decodeProtocolInfo } from './decode-details.ts';
import { decodeHelper, decodeSecctx, decodeSequenceAdjust, decodeSynproxy, decodeTimestamp } from './decode-extensions.ts';
import { decodeMaster, decodeTuple } from './decode-tuple.ts';

export { MalformedMessage } from './attribute-values.ts';

/** As bits, one for each tuple. */
const BOTH_TUPLES = CTA.tupleOriginal | CTA.tupleReply;
/** 128 labels. */
const LABEL_BYTES_MAX = 16;

/** The same bytes twice: as octets, and as 32-bit words of the host for netlink headers, which begin at multiples of four. */
export interface MessageBuffer {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
}

export function messageBuffer(length: number): MessageBuffer {
  const buffer = new ArrayBuffer(length);
  return { bytes: new Uint8Array(buffer), words: new Uint32Array(buffer) };
}

/**
 * Decodes one ctnetlink message about an entry into `view`, which then points into `buffer`. Unknown attributes are skipped.
 *
 * @param at where the netlink header begins, a multiple of four
 * @param end where the message ends
 * @throws MalformedMessage if a length exceeds its container, or the entry lacks a tuple
 */
export function decodeEntry({ bytes, words }: MessageBuffer, at: number, end: number, view: EntryView): void {
  decodeHeader(bytes, at, end, view);
  let tuples = 0;
  for (let offset = at + NLMSG_HEADER_BYTES + NFGEN_HEADER_BYTES; offset < end;) {
    const header = words[offset >>> 2] as number;
    const stop = attributeEnd(header, offset, end);
    const value = offset + NLA_HEADER_BYTES;
    const type = attributeType(header);
    switch (type) {
      case CTA.tupleOriginal:
      case CTA.tupleReply:
        decodeTuple(bytes, words, value, stop, view, type === CTA.tupleOriginal ? view.original : view.reply);
        tuples |= type;
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
      case CTA.countersReply:
        decodeCounters(bytes, words, value, stop, type === CTA.countersOriginal ? view.original : view.reply);
        break;
      case CTA.use:
        view.use = word(bytes, value, stop) >>> 0;
        break;
      case CTA.id:
        view.hasId = true;
        view.id = word(bytes, value, stop);
        break;
      default:
        decodeOther(type, value, stop, bytes, words, view);
    }
    offset = (stop + 3) & ~3;
  }
  if (tuples !== BOTH_TUPLES) throw new MalformedMessage('an entry without both tuples', at);
}

/** Clears the view and sets its family. */
export function decodeHeader(bytes: Uint8Array, at: number, end: number, view: EntryView): void {
  view.clear(bytes);
  const body = at + NLMSG_HEADER_BYTES;
  if (end - body < NFGEN_HEADER_BYTES) throw new MalformedMessage('a message without an nfgenmsg header', at);
  const family = bytes[body] as number;
  if (family !== AF_INET && family !== AF_INET6) throw new MalformedMessage('an address family that is neither IPv4 nor IPv6', body);
  view.family = family;
}

/** Attributes that only some entries have. */
function decodeOther(type: number, value: number, stop: number, bytes: Uint8Array, words: Uint32Array, view: EntryView): void {
  switch (type) {
    case CTA.zone:
      view.zone = short(bytes, value, stop);
      break;
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
    case CTA.secmark:
      view.hasSecmark = true;
      view.secmark = word(bytes, value, stop);
      break;
    case CTA.synproxy:
      decodeSynproxy(bytes, words, value, stop, view);
      break;
    case CTA.tupleMaster:
      decodeMaster(bytes, words, value, stop, view);
      break;
  }
}
