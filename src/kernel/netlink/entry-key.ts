import { ABSENT, AF_INET, type EntryView } from '../entries/entry-view.ts';
import type { EntryKey } from '../entries/entry-id.ts';

/** The key by which the kernel finds the entry again, of its original tuple or of another. The addresses are copies. */
export function keyOf(view: EntryView, tuple = view.original): EntryKey {
  const { bytes, original, reply } = view;
  const length = view.family === AF_INET ? 4 : 16;
  const { icmpType, icmpCode, icmpId } = tuple;
  return {
    family: view.family,
    protocol: view.protocol,
    source: bytes.slice(tuple.source, tuple.source + length),
    destination: bytes.slice(tuple.destination, tuple.destination + length),
    sourcePort: Math.max(0, tuple.sourcePort),
    destinationPort: Math.max(0, tuple.destinationPort),
    ...(icmpType !== ABSENT && { icmp: { type: icmpType, code: Math.max(0, icmpCode), id: Math.max(0, icmpId) } }),
    ...zoneOf(view.zone, original.zone, reply.zone),
    ...(view.hasId && { id: view.id }),
  };
}

function zoneOf(both: number, original: number, reply: number): Pick<EntryKey, 'zone' | 'zoneDirection'> {
  if (original !== ABSENT) return { zone: original, zoneDirection: 'original' };
  if (reply !== ABSENT) return { zone: reply, zoneDirection: 'reply' };
  return { zone: Math.max(0, both), zoneDirection: 'both' };
}
