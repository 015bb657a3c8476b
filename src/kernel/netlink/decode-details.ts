import type { EntryView, TupleView } from '../entries/entry-view.ts';
import { attributeEnd, attributeType, MalformedMessage, octet, word } from './attribute-values.ts';
import {
  CTA_COUNTERS,
  CTA_HELP,
  CTA_PROTOINFO,
  CTA_PROTOINFO_TCP,
  CTA_SECCTX,
  CTA_SEQADJ,
  CTA_TIMESTAMP,
  NLA_HEADER_BYTES,
} from './ctnetlink.ts';
import { readUsualCounters, readUsualTcp } from './usual-layouts.ts';

/** One page. No security module writes longer contexts. */
const SECCTX_BYTES_MAX = 4_096;

export function decodeProtocolInfo(bytes: Uint8Array, words: Uint32Array, from: number, end: number, view: EntryView): void {
  if (readUsualTcp(bytes, words, from, end, view)) return;
  for (let offset = from; offset < end;) {
    const header = words[offset >>> 2] as number;
    const stop = attributeEnd(header, offset, end);
    const type = attributeType(header);
    if (type === CTA_PROTOINFO.tcp) decodeTcp(bytes, words, offset + NLA_HEADER_BYTES, stop, view);
    else if (type === CTA_PROTOINFO.dccp || type === CTA_PROTOINFO.sctp) decodeState(bytes, words, offset + NLA_HEADER_BYTES, stop, view);
    offset = (stop + 3) & ~3;
  }
}

function decodeTcp(bytes: Uint8Array, words: Uint32Array, from: number, end: number, view: EntryView): void {
  for (let offset = from; offset < end;) {
    const header = words[offset >>> 2] as number;
    const stop = attributeEnd(header, offset, end);
    const value = octet(bytes, offset + NLA_HEADER_BYTES, stop);
    switch (attributeType(header)) {
      case CTA_PROTOINFO_TCP.state:
        view.state = value;
        break;
      case CTA_PROTOINFO_TCP.windowScaleOriginal:
        view.original.windowScale = value;
        break;
      case CTA_PROTOINFO_TCP.windowScaleReply:
        view.reply.windowScale = value;
        break;
      case CTA_PROTOINFO_TCP.flagsOriginal:
        view.original.tcpFlags = value;
        break;
      case CTA_PROTOINFO_TCP.flagsReply:
        view.reply.tcpFlags = value;
        break;
    }
    offset = (stop + 3) & ~3;
  }
}

function decodeState(bytes: Uint8Array, words: Uint32Array, from: number, end: number, view: EntryView): void {
  for (let offset = from; offset < end;) {
    const header = words[offset >>> 2] as number;
    const stop = attributeEnd(header, offset, end);
    if (attributeType(header) === CTA_PROTOINFO_TCP.state) view.state = octet(bytes, offset + NLA_HEADER_BYTES, stop);
    offset = (stop + 3) & ~3;
  }
}

export function decodeCounters(bytes: Uint8Array, words: Uint32Array, from: number, end: number, tuple: TupleView): void {
  if (readUsualCounters(bytes, words, from, end, tuple)) return;
  tuple.hasCounters = true;
  tuple.packetsHigh = tuple.packetsLow = tuple.bytesHigh = tuple.bytesLow = 0;
  for (let offset = from; offset < end;) {
    const header = words[offset >>> 2] as number;
    const stop = attributeEnd(header, offset, end);
    const value = offset + NLA_HEADER_BYTES;
    switch (attributeType(header)) {
      case CTA_COUNTERS.packets:
        tuple.packetsHigh = word(bytes, value, stop);
        tuple.packetsLow = word(bytes, value + 4, stop);
        break;
      case CTA_COUNTERS.bytes:
        tuple.bytesHigh = word(bytes, value, stop);
        tuple.bytesLow = word(bytes, value + 4, stop);
        break;
      case CTA_COUNTERS.packets32:
        tuple.packetsLow = word(bytes, value, stop);
        break;
      case CTA_COUNTERS.bytes32:
        tuple.bytesLow = word(bytes, value, stop);
        break;
    }
    offset = (stop + 3) & ~3;
  }
}

export function decodeHelper(bytes: Uint8Array, words: Uint32Array, from: number, end: number, view: EntryView): void {
  for (let offset = from; offset < end;) {
    const header = words[offset >>> 2] as number;
    const stop = attributeEnd(header, offset, end);
    if (attributeType(header) === CTA_HELP.name) {
      view.helper = offset + NLA_HEADER_BYTES;
      view.helperLength = textLength(bytes, view.helper, stop);
    }
    offset = (stop + 3) & ~3;
  }
}

export function decodeSecctx(bytes: Uint8Array, words: Uint32Array, from: number, end: number, view: EntryView): void {
  for (let offset = from; offset < end;) {
    const header = words[offset >>> 2] as number;
    const stop = attributeEnd(header, offset, end);
    if (attributeType(header) === CTA_SECCTX.name) {
      view.secctx = offset + NLA_HEADER_BYTES;
      view.secctxLength = textLength(bytes, view.secctx, stop);
      if (view.secctxLength > SECCTX_BYTES_MAX)
        throw new MalformedMessage(`a security context of more than ${String(SECCTX_BYTES_MAX)} bytes`, offset);
    }
    offset = (stop + 3) & ~3;
  }
}

/** Without the NUL that the kernel ends it with. */
function textLength(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== 0) at += 1;
  return at - from;
}

export function decodeTimestamp(bytes: Uint8Array, words: Uint32Array, from: number, end: number, view: EntryView): void {
  for (let offset = from; offset < end;) {
    const header = words[offset >>> 2] as number;
    const stop = attributeEnd(header, offset, end);
    const value = offset + NLA_HEADER_BYTES;
    const type = attributeType(header);
    if (type === CTA_TIMESTAMP.start) {
      view.hasStart = true;
      view.startHigh = word(bytes, value, stop);
      view.startLow = word(bytes, value + 4, stop);
    } else if (type === CTA_TIMESTAMP.stop) {
      view.hasStop = true;
      view.stopHigh = word(bytes, value, stop);
      view.stopLow = word(bytes, value + 4, stop);
    }
    offset = (stop + 3) & ~3;
  }
}

export function decodeSequenceAdjust(bytes: Uint8Array, words: Uint32Array, from: number, end: number, tuple: TupleView): void {
  tuple.hasSequenceAdjust = true;
  for (let offset = from; offset < end;) {
    const header = words[offset >>> 2] as number;
    const stop = attributeEnd(header, offset, end);
    const value = word(bytes, offset + NLA_HEADER_BYTES, stop);
    switch (attributeType(header)) {
      case CTA_SEQADJ.correction:
        tuple.sequenceCorrection = value;
        break;
      case CTA_SEQADJ.offsetBefore:
        tuple.sequenceOffsetBefore = value;
        break;
      case CTA_SEQADJ.offsetAfter:
        tuple.sequenceOffsetAfter = value;
        break;
    }
    offset = (stop + 3) & ~3;
  }
}
