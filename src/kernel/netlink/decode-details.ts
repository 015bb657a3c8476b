import type { EntryView, TupleView } from '../entries/entry-view.ts';
import { attributeEnd, attributeType, octet, word } from './attribute-values.ts';
import { CTA_COUNTERS, CTA_PROTOINFO, CTA_PROTOINFO_SCTP, CTA_PROTOINFO_TCP, NLA_HEADER_BYTES } from './ctnetlink.ts';
import { readUsualCounters, readUsualTcp } from './usual-layouts.ts';

export function decodeProtocolInfo(bytes: Uint8Array, words: Uint32Array, from: number, end: number, view: EntryView): void {
  if (readUsualTcp(bytes, words, from, end, view)) return;
  for (let offset = from; offset < end;) {
    const header = words[offset >>> 2] as number;
    const stop = attributeEnd(header, offset, end);
    const type = attributeType(header);
    if (type === CTA_PROTOINFO.tcp) decodeTcp(bytes, words, offset + NLA_HEADER_BYTES, stop, view);
    else if (type === CTA_PROTOINFO.sctp) decodeSctp(bytes, words, offset + NLA_HEADER_BYTES, stop, view);
    else if (type === CTA_PROTOINFO.dccp) decodeState(bytes, words, offset + NLA_HEADER_BYTES, stop, view);
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

function decodeSctp(bytes: Uint8Array, words: Uint32Array, from: number, end: number, view: EntryView): void {
  for (let offset = from; offset < end;) {
    const header = words[offset >>> 2] as number;
    const stop = attributeEnd(header, offset, end);
    const value = offset + NLA_HEADER_BYTES;
    switch (attributeType(header)) {
      case CTA_PROTOINFO_SCTP.state:
        view.state = octet(bytes, value, stop);
        break;
      case CTA_PROTOINFO_SCTP.vtagOriginal:
        view.original.hasVtag = true;
        view.original.vtag = word(bytes, value, stop);
        break;
      case CTA_PROTOINFO_SCTP.vtagReply:
        view.reply.hasVtag = true;
        view.reply.vtag = word(bytes, value, stop);
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
