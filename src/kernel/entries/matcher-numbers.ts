import type { NumberField, NumberRange } from '../../domain/filter/filter.ts';
import { ABSENT, type EntryView, type Matcher, type TupleView } from './entry-view.ts';
import { rangesMatcher } from './matcher-ranges.ts';

/** Reads a number from an entry; ABSENT, which no range contains, if the entry has none. */
type NumberOf = (view: EntryView) => number;

const WORD = 0x1_0000_0000;
const NANOSECONDS = 1_000_000_000;

export function numberMatcher(
  field: Exclude<NumberField, 'label'>,
  ranges: readonly NumberRange[],
  nowMilliseconds: () => number,
): Matcher {
  const isWanted = rangesMatcher(ranges);
  if (field === 'port') return anyPortMatcher(isWanted);
  if (field === 'vtag') return ({ original, reply }) => isWanted(vtagOf(original)) || isWanted(vtagOf(reply));
  const numberOf = field === 'age' ? ageAt(nowMilliseconds) : NUMBERS[field];
  return (view) => isWanted(numberOf(view));
}

function anyPortMatcher(isWanted: (port: number) => boolean): Matcher {
  return ({ original, reply }) =>
    isWanted(original.sourcePort) || isWanted(original.destinationPort) || isWanted(reply.sourcePort) || isWanted(reply.destinationPort);
}

const NUMBERS: Readonly<Record<Exclude<NumberField, 'port' | 'age' | 'label' | 'vtag'>, NumberOf>> = {
  sourcePort: (view) => view.original.sourcePort,
  destinationPort: (view) => view.original.destinationPort,
  replySourcePort: (view) => view.reply.sourcePort,
  replyDestinationPort: (view) => view.reply.destinationPort,
  icmpType: (view) => view.original.icmpType,
  icmpCode: (view) => view.original.icmpCode,
  icmpId: (view) => view.original.icmpId,
  timeout: (view) => view.timeout,
  packets: ({ original, reply }) => bounded(hasCounters(original, reply) ? packetsOf(original) + packetsOf(reply) : ABSENT),
  bytes: ({ original, reply }) => bounded(hasCounters(original, reply) ? bytesOf(original) + bytesOf(reply) : ABSENT),
  originalPackets: ({ original }) => bounded(original.hasCounters ? packetsOf(original) : ABSENT),
  originalBytes: ({ original }) => bounded(original.hasCounters ? bytesOf(original) : ABSENT),
  replyPackets: ({ reply }) => bounded(reply.hasCounters ? packetsOf(reply) : ABSENT),
  replyBytes: ({ reply }) => bounded(reply.hasCounters ? bytesOf(reply) : ABSENT),
  zone: zoneOf,
  originalZone: (view) => directionZone(view, view.original),
  replyZone: (view) => directionZone(view, view.reply),
  originalVtag: (view) => vtagOf(view.original),
  replyVtag: (view) => vtagOf(view.reply),
  secmark: (view) => (view.hasSecmark ? view.secmark >>> 0 : ABSENT),
};

function vtagOf({ hasVtag, vtag }: TupleView): number {
  return hasVtag ? vtag >>> 0 : ABSENT;
}

/** The zone of both directions, 0 by default; ABSENT for an entry with a zone of one direction only. */
function zoneOf({ zone, original, reply }: EntryView): number {
  if (zone !== ABSENT) return zone;
  return original.zone === ABSENT && reply.zone === ABSENT ? 0 : ABSENT;
}

function directionZone(view: EntryView, tuple: TupleView): number {
  if (tuple.zone !== ABSENT) return tuple.zone;
  return view.zone === ABSENT ? 0 : view.zone;
}

function hasCounters(original: TupleView, reply: TupleView): boolean {
  return original.hasCounters || reply.hasCounters;
}

function packetsOf({ hasCounters: has, packetsHigh, packetsLow }: TupleView): number {
  return has ? (packetsHigh >>> 0) * WORD + (packetsLow >>> 0) : 0;
}

function bytesOf({ hasCounters: has, bytesHigh, bytesLow }: TupleView): number {
  return has ? (bytesHigh >>> 0) * WORD + (bytesLow >>> 0) : 0;
}

/** Counters above the greatest exact integer count as that integer, which is where open ranges end. */
function bounded(count: number): number {
  return count < Number.MAX_SAFE_INTEGER ? count : Number.MAX_SAFE_INTEGER;
}

/** Whole seconds; 0 for a flow that began after now, because the clock was set back. */
function ageAt(nowMilliseconds: () => number): NumberOf {
  return (view) => {
    if (view.age !== ABSENT) return view.age;
    if (!view.hasStart) return ABSENT;
    const startNanoseconds = (view.startHigh >>> 0) * WORD + (view.startLow >>> 0);
    return Math.max(0, Math.floor(nowMilliseconds() / 1_000 - startNanoseconds / NANOSECONDS));
  };
}
