import { ABSENT, AF_INET, type EntryView, type TupleView } from '../entries/entry-view.ts';
import { attributeEnd, attributeType, MalformedMessage, octet, short } from './attribute-values.ts';
import { readUsualTuple } from './usual-layouts.ts';
import { CTA_IP, CTA_PROTO, CTA_TUPLE, NLA_HEADER_BYTES } from './ctnetlink.ts';

/** Decodes one direction, CTA_TUPLE_ORIG or CTA_TUPLE_REPLY. */
export function decodeTuple(bytes: Uint8Array, words: Uint32Array, from: number, end: number, view: EntryView, tuple: TupleView): void {
  if (!readUsualTuple(bytes, words, from, end, view, tuple)) decodeParts(bytes, words, from, end, view, tuple);
  if (!hasConsistentEnds(tuple))
    throw new MalformedMessage('a tuple with only some of its ports, or of its ICMP type, code and id, or with both', from);
}

function decodeParts(bytes: Uint8Array, words: Uint32Array, from: number, end: number, view: EntryView, tuple: TupleView): void {
  let parts = 0;
  for (let offset = from; offset < end;) {
    const header = words[offset >>> 2] as number;
    const stop = attributeEnd(header, offset, end);
    const value = offset + NLA_HEADER_BYTES;
    switch (attributeType(header)) {
      case CTA_TUPLE.ip:
        decodeAddresses(words, value, stop, view.family, tuple);
        parts |= 1;
        break;
      case CTA_TUPLE.protocol:
        decodeProtocol(bytes, words, value, stop, view, tuple);
        parts |= 2;
        break;
      case CTA_TUPLE.zone:
        tuple.zone = short(bytes, value, stop);
        break;
    }
    offset = (stop + 3) & ~3;
  }
  if (parts !== 3) throw new MalformedMessage('a tuple without addresses or protocol', from);
}

/** CTA_TUPLE_MASTER: the original tuple of the flow that expected this one, whose protocol may differ. */
export function decodeMaster(bytes: Uint8Array, words: Uint32Array, from: number, end: number, view: EntryView): void {
  const { protocol } = view;
  view.master.clear();
  decodeTuple(bytes, words, from, end, view, view.master);
  view.masterProtocol = view.protocol;
  view.protocol = protocol;
}

function decodeAddresses(words: Uint32Array, from: number, end: number, family: number, tuple: TupleView): void {
  const bytes = family === AF_INET ? 4 : 16;
  const source = family === AF_INET ? CTA_IP.v4Source : CTA_IP.v6Source;
  let parts = 0;
  for (let offset = from; offset < end;) {
    const header = words[offset >>> 2] as number;
    const stop = attributeEnd(header, offset, end);
    const type = attributeType(header);
    if (type === source || type === source + 1) {
      if (stop - offset !== NLA_HEADER_BYTES + bytes)
        throw new MalformedMessage('an address whose length does not match the family', offset);
      if (type === source) tuple.source = offset + NLA_HEADER_BYTES;
      else tuple.destination = offset + NLA_HEADER_BYTES;
      parts |= type === source ? 1 : 2;
    }
    offset = (stop + 3) & ~3;
  }
  if (parts !== 3) throw new MalformedMessage('a tuple without both addresses', from);
}

function decodeProtocol(bytes: Uint8Array, words: Uint32Array, from: number, end: number, view: EntryView, tuple: TupleView): void {
  let protocol = ABSENT;
  for (let offset = from; offset < end;) {
    const header = words[offset >>> 2] as number;
    const stop = attributeEnd(header, offset, end);
    const value = offset + NLA_HEADER_BYTES;
    switch (attributeType(header)) {
      case CTA_PROTO.number:
        protocol = octet(bytes, value, stop);
        break;
      case CTA_PROTO.sourcePort:
        tuple.sourcePort = short(bytes, value, stop);
        break;
      case CTA_PROTO.destinationPort:
        tuple.destinationPort = short(bytes, value, stop);
        break;
      case CTA_PROTO.icmpId:
      case CTA_PROTO.icmpv6Id:
        tuple.icmpId = short(bytes, value, stop);
        break;
      case CTA_PROTO.icmpType:
      case CTA_PROTO.icmpv6Type:
        tuple.icmpType = octet(bytes, value, stop);
        break;
      case CTA_PROTO.icmpCode:
      case CTA_PROTO.icmpv6Code:
        tuple.icmpCode = octet(bytes, value, stop);
        break;
    }
    offset = (stop + 3) & ~3;
  }
  if (protocol === ABSENT) throw new MalformedMessage('a tuple without a protocol number', from);
  view.protocol = protocol;
}

/** Either ports or ICMP numbers, complete, or neither, so that readers of a view check only one of them. */
function hasConsistentEnds({ sourcePort, destinationPort, icmpType, icmpCode, icmpId }: TupleView): boolean {
  const isIcmp = icmpType !== ABSENT;
  const hasPorts = sourcePort !== ABSENT;
  return (
    hasPorts === (destinationPort !== ABSENT) && (icmpCode !== ABSENT) === isIcmp && (icmpId !== ABSENT) === isIcmp && !(isIcmp && hasPorts)
  );
}
