import type { Entry, MasterTuple, Tuple } from '../../domain/entry.ts';
import { entryId } from './entry-id.ts';
import { labelNumbers, nanosecondTime, protocolName } from './entry-values.ts';
import { ABSENT, AF_INET, IPPROTO, STATUS, STATUS_BITS, stateName, type EntryView, type TupleView } from './entry-view.ts';
import { addressText } from './ip-text.ts';

/** A copy that stays valid when the view is reused, with the keys of `ENTRY_KEYS` in their order. */
export function toEntry(view: EntryView): Entry {
  const { bytes } = view;
  const state = stateName(view);
  return {
    id: entryId(view),
    family: view.family === AF_INET ? 'ipv4' : 'ipv6',
    protocol: protocolName(view.protocol),
    protocolNumber: view.protocol,
    ...(state !== undefined && { state }),
    ...(view.timeout !== ABSENT && { timeoutSeconds: view.timeout }),
    status: STATUS_BITS.filter((_, bit) => (view.status & (1 << bit)) !== 0),
    original: toTuple(view, view.original),
    reply: toTuple(view, view.reply),
    ...(view.hasMark && { mark: view.mark >>> 0 }),
    ...zones(view),
    ...(view.helperLength > 0 && { helper: latin1(bytes, view.helper, view.helperLength) }),
    ...(view.labelsLength > 0 && { labels: labelNumbers(view) }),
    ...(view.secctxLength > 0 && { secctx: latin1(bytes, view.secctx, view.secctxLength) }),
    ...(view.hasSecmark && { secmark: view.secmark >>> 0 }),
    ...(view.hasStart && { startedAt: nanosecondTime(view.startHigh, view.startLow) }),
    ...(view.hasStop && { stoppedAt: nanosecondTime(view.stopHigh, view.stopLow) }),
    ...(view.age !== ABSENT && { ageSeconds: view.age }),
    ...(view.use !== ABSENT && { use: view.use }),
    ...((view.status & (STATUS.offload | STATUS.hardwareOffload)) !== 0 && { offload: true }),
    ...(view.hasSynproxy && {
      synproxy: { isn: view.synproxyIsn >>> 0, its: view.synproxyIts >>> 0, tsoff: view.synproxyTsoff >>> 0 },
    }),
    ...(view.masterProtocol !== ABSENT && { master: toMaster(view) }),
  };
}

function zones(view: EntryView): Pick<Entry, 'zone' | 'originalZone' | 'replyZone'> {
  return {
    ...(view.zone !== ABSENT && { zone: view.zone }),
    ...(view.original.zone !== ABSENT && { originalZone: view.original.zone }),
    ...(view.reply.zone !== ABSENT && { replyZone: view.reply.zone }),
  };
}

export function toMaster(view: EntryView): MasterTuple {
  const { masterProtocol: protocol, master } = view;
  return { protocol: protocolName(protocol), protocolNumber: protocol, ...toEnds(view, protocol, master) };
}

/** What identifies a flow of this protocol. */
export function toEnds(
  { bytes, family }: EntryView,
  protocol: number,
  tuple: TupleView,
): Pick<Tuple, 'source' | 'destination'> & Partial<Tuple> {
  const isGre = protocol === IPPROTO.gre;
  return {
    source: addressText(family, bytes, tuple.source),
    destination: addressText(family, bytes, tuple.destination),
    ...(!isGre && ends(tuple, 'sourcePort', 'destinationPort')),
    ...(tuple.icmpType !== ABSENT && { icmpType: tuple.icmpType }),
    ...(tuple.icmpCode !== ABSENT && { icmpCode: tuple.icmpCode }),
    ...(tuple.icmpId !== ABSENT && { icmpId: tuple.icmpId }),
    ...(isGre && ends(tuple, 'sourceKey', 'destinationKey')),
  };
}

function toTuple(view: EntryView, tuple: TupleView): Tuple {
  return {
    ...toEnds(view, view.protocol, tuple),
    ...(tuple.hasCounters && {
      packets: decimal64(tuple.packetsHigh, tuple.packetsLow),
      bytes: decimal64(tuple.bytesHigh, tuple.bytesLow),
    }),
    ...(tuple.windowScale !== ABSENT && { windowScale: tuple.windowScale }),
    ...(tuple.tcpFlags !== ABSENT && { tcpFlags: tuple.tcpFlags }),
    ...(tuple.hasSequenceAdjust && {
      sequenceAdjust: {
        correction: tuple.sequenceCorrection >>> 0,
        offsetBefore: tuple.sequenceOffsetBefore,
        offsetAfter: tuple.sequenceOffsetAfter,
      },
    }),
    ...(tuple.hasVtag && { vtag: tuple.vtag >>> 0 }),
  };
}

function ends<S extends keyof Tuple, D extends keyof Tuple>(tuple: TupleView, source: S, destination: D): Partial<Record<S | D, number>> {
  const { sourcePort, destinationPort } = tuple;
  return {
    ...(sourcePort !== ABSENT && { [source]: sourcePort }),
    ...(destinationPort !== ABSENT && { [destination]: destinationPort }),
  } as Partial<Record<S | D, number>>;
}

function decimal64(high: number, low: number): string {
  return ((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)).toString();
}

/** The kernel's texts have no encoding, so each octet becomes the character with the same number. */
export function latin1(bytes: Uint8Array, from: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, length).toString('latin1');
}
