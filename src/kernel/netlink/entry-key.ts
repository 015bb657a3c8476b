import { ABSENT, AF_INET, type EntryView } from '../entries/entry-view.ts';
import type { EntryKey } from '../entries/entry-id.ts';

/** The key by which the kernel finds the entry again. The addresses are copies. */
export function keyOf(view: EntryView): EntryKey {
  const { bytes, original, reply } = view;
  const length = view.family === AF_INET ? 4 : 16;
  const { icmpType, icmpCode, icmpId } = original;
  return {
    family: view.family,
    protocol: view.protocol,
    source: bytes.slice(original.source, original.source + length),
    destination: bytes.slice(original.destination, original.destination + length),
    sourcePort: Math.max(0, original.sourcePort),
    destinationPort: Math.max(0, original.destinationPort),
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
