import { IPPROTO, type EntryView } from './entry-view.ts';

const PROTOCOL_NAMES = new Map<number, string>(Object.entries(IPPROTO).map(([name, number]) => [number, name]));
const NANOSECONDS = 1_000_000_000n;

/** As the kernel prints it (`l4proto_name`): `unknown` for a protocol that conntrack tracks generically. */
export function protocolName(protocol: number): string {
  return PROTOCOL_NAMES.get(protocol) ?? 'unknown';
}

/** RFC 3339, UTC. @param high and `low`: nanoseconds since the epoch as two 32-bit halves */
export function nanosecondTime(high: number, low: number): string {
  const nanoseconds = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  const seconds = new Date(Number(nanoseconds / NANOSECONDS) * 1_000).toISOString().slice(0, 19);
  return `${seconds}.${(nanoseconds % NANOSECONDS).toString().padStart(9, '0')}Z`;
}

export function hasLabel(view: EntryView, label: number): boolean {
  return (((view.bytes[view.labels + (label >>> 3)] ?? 0) >>> (label & 7)) & 1) === 1;
}

/** The labels that are set, in ascending order. */
export function labelNumbers(view: EntryView): readonly number[] {
  return Array.from({ length: view.labelsLength * 8 }, (_, label) => label).filter((label) => hasLabel(view, label));
}
