import { changesLabels, LABEL_MAX, MARK_MAX, type EntryUpdate } from '../../domain/entry-update.ts';
import type { EntryKey } from '../entries/entry-id.ts';
import { AF_INET, AF_INET6, IPPROTO } from '../entries/entry-view.ts';
import {
  CT_DELETE,
  CT_GET,
  CT_GET_STATS,
  CT_GET_STATS_CPU,
  CT_NEW,
  CTA,
  CTA_FILTER,
  CTA_FILTER_FLAG,
  CTA_IP,
  CTA_PROTO,
  CTA_TUPLE,
  EXP_GET,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_REQUEST,
} from './ctnetlink.ts';
import type { KernelFilter, KernelTupleFilter } from './kernel-filter.ts';
import { MessageWriter } from './message-writer.ts';

/** @throws RangeError for an IPv6 address */
export function dumpRequest(filter: KernelFilter, sequence: number): Uint8Array {
  requireSafe(filter);
  const writer = new MessageWriter().begin(CT_GET, NLM_F_REQUEST | NLM_F_DUMP, filter.family ?? 0, sequence);
  if (filter.mark) writer.word(CTA.mark, filter.mark.bits).word(CTA.markMask, filter.mark.mask);
  if (filter.status) writer.word(CTA.status, filter.status.bits).word(CTA.statusMask, filter.status.mask);
  if (filter.zone !== undefined) writer.short(CTA.zone, filter.zone);
  if (filter.family !== undefined) writeTupleFilter(writer, filter);
  return writer.finish().bytes;
}

export function getRequest(key: EntryKey, sequence: number): Uint8Array {
  const writer = new MessageWriter().begin(CT_GET, NLM_F_REQUEST | NLM_F_ACK, key.family, sequence);
  writeKey(writer, key);
  return writer.finish().bytes;
}

/** Always contains a tuple: without one, the kernel flushes the table. */
export function deleteRequest(key: EntryKey & { readonly id: number }, sequence: number): Uint8Array {
  const writer = new MessageWriter().begin(CT_DELETE, NLM_F_REQUEST | NLM_F_ACK, key.family, sequence);
  writeKey(writer, key);
  return writer.word(CTA.id, key.id).finish().bytes;
}

/**
 * Without NLM_F_CREATE: an entry that is gone is not created. The kernel does not compare CTA_ID here. It replaces the bits of the masks in one
 * step, so that bits that a rule sets meanwhile are kept.
 */
export function updateRequest(key: EntryKey, update: EntryUpdate, sequence: number): Uint8Array {
  const writer = new MessageWriter().begin(CT_NEW, NLM_F_REQUEST | NLM_F_ACK, key.family, sequence);
  writeKey(writer, key);
  const { timeoutSeconds, mark, markMask = MARK_MAX } = update;
  if (timeoutSeconds !== undefined) writer.word(CTA.timeout, timeoutSeconds);
  if (mark !== undefined) writer.word(CTA.mark, mark & markMask).word(CTA.markMask, markMask);
  if (changesLabels(update)) {
    const { labels, addLabels = [], removeLabels = [] } = update;
    writer.octets(CTA.labels, labelBits(labels ?? addLabels));
    writer.octets(CTA.labelsMask, labels ? ALL_LABELS : labelBits([...addLabels, ...removeLabels]));
  }
  return writer.finish().bytes;
}

const ALL_LABELS = new Uint8Array((LABEL_MAX + 1) / 8).fill(0xff);

/** In the byte order in which `hasLabel` reads them. */
function labelBits(labels: readonly number[]): Uint8Array {
  const bits = new Uint8Array(ALL_LABELS.length);
  for (const label of labels) bits[label >>> 3] = (bits[label >>> 3] ?? 0) | (1 << (label & 7));
  return bits;
}

export function statsRequest(sequence: number): Uint8Array {
  return new MessageWriter().begin(CT_GET_STATS, NLM_F_REQUEST, 0, sequence).finish().bytes;
}

export function statsPerCpuRequest(sequence: number): Uint8Array {
  return new MessageWriter().begin(CT_GET_STATS_CPU, NLM_F_REQUEST | NLM_F_DUMP, 0, sequence).finish().bytes;
}

export function expectationsRequest(sequence: number): Uint8Array {
  return new MessageWriter().begin(EXP_GET, NLM_F_REQUEST | NLM_F_DUMP, 0, sequence).finish().bytes;
}

export function writeKey(writer: MessageWriter, key: EntryKey, attribute: number = CTA.tupleOriginal): void {
  const { zone, zoneDirection } = key;
  writer.nest(attribute, () => {
    writer.nest(CTA_TUPLE.ip, () => {
      writeAddresses(writer, key.family, key.source, key.destination);
    });
    writer.nest(CTA_TUPLE.protocol, () => {
      writer.octet(CTA_PROTO.number, key.protocol);
      if (!key.icmp) writer.short(CTA_PROTO.sourcePort, key.sourcePort).short(CTA_PROTO.destinationPort, key.destinationPort);
      else writeIcmp(writer, key.protocol, key.icmp);
    });
    if (zoneDirection === 'original' && zone !== 0) writer.short(CTA_TUPLE.zone, zone);
  });
  if (zoneDirection === 'both' && zone !== 0) writer.short(CTA.zone, zone);
}

function writeIcmp(writer: MessageWriter, protocol: number, { type, code, id }: NonNullable<EntryKey['icmp']>): void {
  const isV6 = protocol === IPPROTO.icmpv6;
  writer.octet(isV6 ? CTA_PROTO.icmpv6Type : CTA_PROTO.icmpType, type);
  writer.octet(isV6 ? CTA_PROTO.icmpv6Code : CTA_PROTO.icmpCode, code);
  writer.short(isV6 ? CTA_PROTO.icmpv6Id : CTA_PROTO.icmpId, id);
}

function writeAddresses(writer: MessageWriter, family: number, source?: Uint8Array, destination?: Uint8Array): void {
  const [first, second] = family === AF_INET6 ? [CTA_IP.v6Source, CTA_IP.v6Destination] : [CTA_IP.v4Source, CTA_IP.v4Destination];
  if (source) writer.octets(first, source);
  if (destination) writer.octets(second, destination);
}

/** CTA_FILTER lists the parts of the tuples to compare. The message must contain those tuples with those parts. */
function writeTupleFilter(writer: MessageWriter, { family = 0, protocol, original, reply }: KernelFilter): void {
  const directions = [
    { tuple: original ?? {}, attribute: CTA.tupleOriginal, flagsAttribute: CTA_FILTER.originalFlags, protocol },
    {
      tuple: reply ?? {},
      attribute: CTA.tupleReply,
      flagsAttribute: CTA_FILTER.replyFlags,
      protocol: hasPort(reply) ? protocol : undefined,
    },
  ];
  const flags = directions.map(({ tuple, protocol: own }) => flagsOf(tuple, own));
  if (flags.every((value) => value === 0)) return;
  directions.forEach(({ tuple, attribute, protocol: own }, index) => {
    if (flags[index] !== 0)
      writer.nest(attribute, () => {
        writeFilteredTuple(writer, family, tuple, own);
      });
  });
  writer.nest(CTA.filter, () => {
    directions.forEach(({ flagsAttribute }, index) => writer.hostWord(flagsAttribute, flags[index] ?? 0));
  });
}

function hasPort(tuple: KernelTupleFilter | undefined): boolean {
  return tuple?.sourcePort !== undefined || tuple?.destinationPort !== undefined;
}

function flagsOf({ source, destination, sourcePort, destinationPort }: KernelTupleFilter, protocol: number | undefined): number {
  return (
    (source ? CTA_FILTER_FLAG.ipSource : 0) |
    (destination ? CTA_FILTER_FLAG.ipDestination : 0) |
    (protocol === undefined ? 0 : CTA_FILTER_FLAG.protocolNumber) |
    (sourcePort === undefined ? 0 : CTA_FILTER_FLAG.sourcePort) |
    (destinationPort === undefined ? 0 : CTA_FILTER_FLAG.destinationPort)
  );
}

function writeFilteredTuple(writer: MessageWriter, family: number, tuple: KernelTupleFilter, protocol: number | undefined): void {
  const { source, destination, sourcePort, destinationPort } = tuple;
  if (source ?? destination) {
    writer.nest(CTA_TUPLE.ip, () => {
      writeAddresses(writer, family, source, destination);
    });
  }
  if (protocol === undefined) return;
  writer.nest(CTA_TUPLE.protocol, () => {
    writer.octet(CTA_PROTO.number, protocol);
    if (sourcePort !== undefined) writer.short(CTA_PROTO.sourcePort, sourcePort);
    if (destinationPort !== undefined) writer.short(CTA_PROTO.destinationPort, destinationPort);
  });
}

/** Ensures that no IPv6 address reaches the kernel's filter, which is inverted for IPv6. */
function requireSafe({ family, original, reply }: KernelFilter): void {
  const addresses = [original?.source, original?.destination, reply?.source, reply?.destination].filter((address) => address !== undefined);
  if (addresses.some(({ length }) => length !== 4) || (addresses.length > 0 && family !== AF_INET))
    throw new RangeError('The kernel’s filter accepts IPv4 addresses only.');
}
