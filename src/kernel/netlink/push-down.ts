import type { Network } from '../../domain/entry.ts';
import type { Filter, NatKind, NumberField, NumberRange, Test } from '../../domain/filter/filter.ts';
import { bitsOf, networkOctets } from '../../domain/filter/network.ts';
import { AF_INET, AF_INET6, IPPROTO, STATUS } from '../entries/entry-view.ts';
import type { KernelFilter, KernelTupleFilter, MaskedBits } from './kernel-filter.ts';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * What holds for every wanted entry, whether or not the kernel can filter by it. Of two different exact values, the later is kept: no entry
 * has both.
 */
interface Known {
  family?: number;
  protocol?: number | undefined;
  zone?: number;
  mark?: MaskedBits | undefined;
  readonly status: Writable<MaskedBits>;
  readonly original: Writable<KernelTupleFilter>;
  readonly reply: Writable<KernelTupleFilter>;
}

const PROTOCOLS_WITH_PORTS: readonly (number | undefined)[] = [IPPROTO.tcp, IPPROTO.udp, IPPROTO.sctp, IPPROTO.dccp];
const VTAGS: readonly NumberField[] = ['vtag', 'originalVtag', 'replyVtag'];
const ZONES: readonly NumberField[] = ['zone', 'originalZone', 'replyZone'];
const TRANSLATED = STATUS.sourceNat | STATUS.destinationNat;
const NAT_BITS = { source: STATUS.sourceNat, destination: STATUS.destinationNat, any: TRANSLATED } as const;

type NetworkField = Extract<Test, { networks: unknown }>['field'];
type MarkValue = Extract<Test, { marks: unknown }>['marks'][number];

const ADDRESS_PLACES = {
  source: ['original', 'source'],
  destination: ['original', 'destination'],
  replySource: ['reply', 'source'],
  replyDestination: ['reply', 'destination'],
  // Replies come from the translated destination and go to the translated source.
  natSource: ['reply', 'destination'],
  natDestination: ['reply', 'source'],
} as const satisfies Record<Exclude<NetworkField, 'address'>, unknown>;

const PORT_PLACES: ReadonlyMap<NumberField, readonly ['original' | 'reply', 'sourcePort' | 'destinationPort']> = new Map([
  ['sourcePort', ['original', 'sourcePort']],
  ['destinationPort', ['original', 'destinationPort']],
  ['replySourcePort', ['reply', 'sourcePort']],
  ['replyDestinationPort', ['reply', 'destinationPort']],
]);

/**
 * The part of a filter that the kernel can apply, derived from the conditions that every wanted entry meets. It selects a superset of the
 * wanted entries.
 *
 * If the filter determines no family, explicitly or by an address, the result has no protocol and no ports: the kernel refuses a tuple
 * without a family. The result never contains IPv6 addresses.
 */
export function pushDown(filter: Filter): KernelFilter {
  const known: Known = { status: { bits: 0, mask: 0 }, original: {}, reply: {} };
  for (const { test, holds } of conditions(filter, true)) {
    if (holds) learn(known, test);
    else learnOpposite(known, test);
  }
  const { family, zone, mark, status } = known;
  return {
    ...(family !== undefined && { family, ...tupleParts(known, family) }),
    ...(zone !== undefined && { zone }),
    ...(mark !== undefined && { mark }),
    ...(status.mask !== 0 && { status }),
  };
}

interface Condition {
  readonly test: Test;
  readonly holds: boolean;
}

/** The tests whose result is the same for each entry that the filter selects (or, without `holds`, does not select). */
function* conditions(filter: Filter, holds: boolean): Generator<Condition> {
  if (filter.kind === 'test') yield { test: filter.test, holds };
  else if (filter.kind === 'not') yield* conditions(filter.of, !holds);
  else if ((filter.kind === 'all') === holds || filter.of.length === 1) for (const part of filter.of) yield* conditions(part, holds);
}

function tupleParts({ protocol, original, reply }: Known, family: number): KernelFilter {
  const usable = (tuple: KernelTupleFilter): KernelTupleFilter | undefined => {
    const { source, destination, sourcePort, destinationPort } = tuple;
    const parts = {
      ...(family === AF_INET && source && { source }),
      ...(family === AF_INET && destination && { destination }),
      ...(PROTOCOLS_WITH_PORTS.includes(protocol) && sourcePort !== undefined && { sourcePort }),
      ...(PROTOCOLS_WITH_PORTS.includes(protocol) && destinationPort !== undefined && { destinationPort }),
    };
    return Object.keys(parts).length === 0 ? undefined : parts;
  };
  const [first, second] = [usable(original), usable(reply)];
  return { ...(protocol !== undefined && { protocol }), ...(first && { original: first }), ...(second && { reply: second }) };
}

function learn(known: Known, test: Test): void {
  if ('networks' in test) learnNetworks(known, test.field, test.networks);
  else if ('ranges' in test) learnNumber(known, test.field, test.ranges);
  else learnName(known, test);
}

function learnName(known: Known, test: Exclude<Test, { networks: unknown } | { ranges: unknown }>): void {
  switch (test.field) {
    case 'family':
      known.family = test.family === 'ipv4' ? AF_INET : AF_INET6;
      return;
    case 'protocol':
      known.protocol = only(test.protocols) ?? known.protocol;
      return;
    case 'status':
      setStatus(known, test.mask, test.mask);
      return;
    case 'nat':
      learnNat(known, test.nat);
      return;
    case 'mark':
      known.mark = exactMark(test.marks) ?? known.mark;
      return;
    case 'state':
    case 'helper':
    case 'secctx':
      return;
  }
}

function learnOpposite(known: Known, test: Test): void {
  if (test.field === 'family') known.family = test.family === 'ipv4' ? AF_INET6 : AF_INET;
  // If several bits are tested, it is unknown which one is missing.
  else if (test.field === 'status' && isOneBit(test.mask)) setStatus(known, test.mask, 0);
  else if (test.field === 'nat' && test.nat !== 'none') setStatus(known, NAT_BITS[test.nat], 0);
}

function learnNetworks(known: Known, field: NetworkField, networks: readonly Network[]): void {
  const family = only([...new Set(networks.map((network) => network.family))]);
  if (family !== undefined) known.family = family === 'ipv4' ? AF_INET : AF_INET6;
  if (field === 'natSource') learnNat(known, 'source');
  if (field === 'natDestination') learnNat(known, 'destination');
  const address = only(networks);
  if (field === 'address' || address?.family !== 'ipv4' || address.prefixLength !== bitsOf('ipv4')) return;
  const [direction, end] = ADDRESS_PLACES[field];
  known[direction][end] = networkOctets(address).octets;
}

function learnNumber(known: Known, field: NumberField, ranges: readonly NumberRange[]): void {
  if (VTAGS.includes(field)) known.protocol = IPPROTO.sctp;
  const range = only(ranges);
  if (range?.from !== range?.to || range === undefined) return;
  // The kernel takes zone 0 for no filter, and ignores the direction of a zone.
  if (ZONES.includes(field) && range.from > 0) known.zone = range.from;
  const place = PORT_PLACES.get(field);
  if (place !== undefined) known[place[0]][place[1]] = range.from;
}

function learnNat(known: Known, nat: NatKind): void {
  // `any` means one bit or the other, which the kernel cannot filter by.
  if (nat === 'none') setStatus(known, TRANSLATED, 0);
  else if (nat !== 'any') setStatus(known, NAT_BITS[nat], NAT_BITS[nat]);
}

function setStatus({ status }: Known, mask: number, bits: number): void {
  status.mask |= mask;
  status.bits = (status.bits & ~mask) | bits;
}

function exactMark(marks: readonly MarkValue[]): MaskedBits | undefined {
  const mark = only(marks);
  return mark === undefined || mark.mask === 0 ? undefined : { bits: mark.value, mask: mark.mask };
}

function isOneBit(mask: number): boolean {
  return mask !== 0 && (mask & (mask - 1)) === 0;
}

function only<T>(values: readonly T[]): T | undefined {
  return values.length === 1 ? values[0] : undefined;
}
