import type { EntryView, TupleView } from '../entries/entry-view.ts';
import { attributeEnd, attributeType, MalformedMessage, word } from './attribute-values.ts';
import { CTA_HELP, CTA_SECCTX, CTA_SEQADJ, CTA_SYNPROXY, CTA_TIMESTAMP, NLA_HEADER_BYTES } from './ctnetlink.ts';

/** One page. No security module writes longer contexts. */
const SECCTX_BYTES_MAX = 4_096;

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
export function textLength(bytes: Uint8Array, from: number, end: number): number {
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

export function decodeSynproxy(bytes: Uint8Array, words: Uint32Array, from: number, end: number, view: EntryView): void {
  view.hasSynproxy = true;
  view.synproxyIsn = view.synproxyIts = view.synproxyTsoff = 0;
  for (let offset = from; offset < end;) {
    const header = words[offset >>> 2] as number;
    const stop = attributeEnd(header, offset, end);
    const value = offset + NLA_HEADER_BYTES;
    switch (attributeType(header)) {
      case CTA_SYNPROXY.isn:
        view.synproxyIsn = word(bytes, value, stop);
        break;
      case CTA_SYNPROXY.its:
        view.synproxyIts = word(bytes, value, stop);
        break;
      case CTA_SYNPROXY.tsoff:
        view.synproxyTsoff = word(bytes, value, stop);
        break;
    }
    offset = (stop + 3) & ~3;
  }
}
