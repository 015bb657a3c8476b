import { AF_INET, type EntryView, type TupleView } from '../entries/entry-view.ts';
import { headerOf, read16, read32 } from './attribute-values.ts';
import { CTA_COUNTERS, CTA_IP, CTA_PROTO, CTA_PROTOINFO, CTA_PROTOINFO_TCP, CTA_TUPLE, NLA_F_NESTED } from './ctnetlink.ts';

/*
 * Fast paths for the attribute layouts that current kernels send for nearly every entry. Comparing all attribute headers at once costs a third
 * of walking them. Each function returns false without reading anything if the layout differs; the general decoder then takes over. The
 * content of the attribute is at `from` to `end`.
 */

const IPV4_NEST = headerOf(20, CTA_TUPLE.ip | NLA_F_NESTED);
const IPV4_SOURCE = headerOf(8, CTA_IP.v4Source);
const IPV4_DESTINATION = headerOf(8, CTA_IP.v4Destination);
const IPV6_NEST = headerOf(44, CTA_TUPLE.ip | NLA_F_NESTED);
const IPV6_SOURCE = headerOf(20, CTA_IP.v6Source);
const IPV6_DESTINATION = headerOf(20, CTA_IP.v6Destination);
const PROTOCOL_NEST = headerOf(28, CTA_TUPLE.protocol | NLA_F_NESTED);
const NUMBER = headerOf(5, CTA_PROTO.number);
const SOURCE_PORT = headerOf(6, CTA_PROTO.sourcePort);
const DESTINATION_PORT = headerOf(6, CTA_PROTO.destinationPort);
const PROTOCOL_BYTES = 28;

/** Layout: addresses, then a protocol with ports; no zone. */
export function readUsualTuple(
  bytes: Uint8Array,
  words: Uint32Array,
  from: number,
  end: number,
  view: EntryView,
  tuple: TupleView,
): boolean {
  const at = from >>> 2;
  if (view.family === AF_INET) {
    if (end - from !== 20 + PROTOCOL_BYTES) return false;
    if (words[at] !== IPV4_NEST || words[at + 1] !== IPV4_SOURCE || words[at + 3] !== IPV4_DESTINATION) return false;
    if (!readPorts(bytes, words, from + 20, view, tuple)) return false;
    tuple.source = from + 8;
    tuple.destination = from + 16;
    return true;
  }
  if (end - from !== 44 + PROTOCOL_BYTES) return false;
  if (words[at] !== IPV6_NEST || words[at + 1] !== IPV6_SOURCE || words[at + 6] !== IPV6_DESTINATION) return false;
  if (!readPorts(bytes, words, from + 44, view, tuple)) return false;
  tuple.source = from + 8;
  tuple.destination = from + 28;
  return true;
}

function readPorts(bytes: Uint8Array, words: Uint32Array, from: number, view: EntryView, tuple: TupleView): boolean {
  const at = from >>> 2;
  if (words[at] !== PROTOCOL_NEST || words[at + 1] !== NUMBER || words[at + 3] !== SOURCE_PORT || words[at + 5] !== DESTINATION_PORT)
    return false;
  view.protocol = bytes[from + 8] as number;
  tuple.sourcePort = read16(bytes, from + 16);
  tuple.destinationPort = read16(bytes, from + 24);
  return true;
}

const PACKETS = headerOf(12, CTA_COUNTERS.packets);
const BYTES = headerOf(12, CTA_COUNTERS.bytes);

/** Layout: packets, then bytes, 64 bits each. */
export function readUsualCounters(bytes: Uint8Array, words: Uint32Array, from: number, end: number, tuple: TupleView): boolean {
  const at = from >>> 2;
  if (end - from !== 24 || words[at] !== PACKETS || words[at + 3] !== BYTES) return false;
  tuple.hasCounters = true;
  tuple.packetsHigh = read32(bytes, from + 4);
  tuple.packetsLow = read32(bytes, from + 8);
  tuple.bytesHigh = read32(bytes, from + 16);
  tuple.bytesLow = read32(bytes, from + 20);
  return true;
}

const TCP_NEST = headerOf(44, CTA_PROTOINFO.tcp | NLA_F_NESTED);
const STATE = headerOf(5, CTA_PROTOINFO_TCP.state);
const SCALE_ORIGINAL = headerOf(5, CTA_PROTOINFO_TCP.windowScaleOriginal);
const SCALE_REPLY = headerOf(5, CTA_PROTOINFO_TCP.windowScaleReply);
const FLAGS_ORIGINAL = headerOf(6, CTA_PROTOINFO_TCP.flagsOriginal);
const FLAGS_REPLY = headerOf(6, CTA_PROTOINFO_TCP.flagsReply);

/** Layout: TCP state, window scales, flags. */
export function readUsualTcp(bytes: Uint8Array, words: Uint32Array, from: number, end: number, view: EntryView): boolean {
  const at = from >>> 2;
  if (end - from !== 44 || words[at] !== TCP_NEST || words[at + 1] !== STATE || words[at + 3] !== SCALE_ORIGINAL) return false;
  if (words[at + 5] !== SCALE_REPLY || words[at + 7] !== FLAGS_ORIGINAL || words[at + 9] !== FLAGS_REPLY) return false;
  view.state = bytes[from + 8] as number;
  view.original.windowScale = bytes[from + 16] as number;
  view.reply.windowScale = bytes[from + 24] as number;
  view.original.tcpFlags = bytes[from + 32] as number;
  view.reply.tcpFlags = bytes[from + 40] as number;
  return true;
}
