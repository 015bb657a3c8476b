import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allOf } from '../../../../src/domain/filter/common-filter.ts';
import type { Filter } from '../../../../src/domain/filter/filter.ts';
import { parseFilter } from '../../../../src/domain/filter/parse-filter.ts';
import { AF_INET, AF_INET6, type EntryView, STATUS, type TupleView } from '../../../../src/kernel/entries/entry-view.ts';
import { compileFilter } from '../../../../src/kernel/entries/matcher.ts';
import type { KernelFilter, KernelTupleFilter } from '../../../../src/kernel/netlink/kernel-filter.ts';
import { pushDown } from '../../../../src/kernel/netlink/push-down.ts';
import { dumpRequest } from '../../../../src/kernel/netlink/requests.ts';
import { arbitraryEntry, NOW_MILLISECONDS, type PlainEntry, viewOf } from '../../domain/filter/arbitrary-entry.ts';
import { arbitraryRawFilter, arbitraryTest } from '../../domain/filter/arbitrary-filter.ts';

const v4 = (...octets: readonly number[]): Uint8Array => Uint8Array.from(octets);
const NATED = STATUS.sourceNat | STATUS.destinationNat;

describe('the kernel’s part of a filter', () => {
  it.each<[string, KernelFilter]>([
    ['family=ipv4', { family: AF_INET }],
    ['family!=ipv4', { family: AF_INET6 }],
    ['source=10.0.0.1', { family: AF_INET, original: { source: v4(10, 0, 0, 1) } }],
    [
      'dst=10.0.0.1 and replySource=10.0.0.2',
      { family: AF_INET, original: { destination: v4(10, 0, 0, 1) }, reply: { source: v4(10, 0, 0, 2) } },
    ],
    ['source=10.0.0.0/8', { family: AF_INET }],
    ['address=10.0.0.1', { family: AF_INET }],
    ['source=10.0.0.1,10.0.0.2', { family: AF_INET }],
    ['source=10.0.0.1,::1', {}],
    ['natSource=10.0.0.9', bitsSet(STATUS.sourceNat, { family: AF_INET, reply: { destination: v4(10, 0, 0, 9) } })],
    ['natDestination=10.0.0.9', bitsSet(STATUS.destinationNat, { family: AF_INET, reply: { source: v4(10, 0, 0, 9) } })],
    ['family=ipv4 and protocol=tcp and dport=443', { family: AF_INET, protocol: 6, original: { destinationPort: 443 } }],
    ['family=ipv6 and protocol=udp and replySourcePort=53', { family: AF_INET6, protocol: 17, reply: { sourcePort: 53 } }],
    ['family=ipv4 and protocol=tcp and dport=440-443', { family: AF_INET, protocol: 6 }],
    ['family=ipv4 and protocol=tcp,udp and dport=443', { family: AF_INET }],
    ['mark=0x10/0xff', { mark: { bits: 0x10, mask: 0xff } }],
    ['mark=0x80000000', { mark: { bits: 0x80000000, mask: 0xffffffff } }],
    ['mark!=1', {}],
    ['mark=0/0', {}],
    ['status=ASSURED and status!=SEEN_REPLY', { status: { bits: STATUS.assured, mask: STATUS.assured | STATUS.seenReply } }],
    ['status=ASSURED,SEEN_REPLY', {}],
    ['nat=none', { status: { bits: 0, mask: NATED } }],
    ['nat!=any', { status: { bits: 0, mask: NATED } }],
    ['nat=source and nat!=destination', { status: { bits: STATUS.sourceNat, mask: NATED } }],
    ['nat=any', {}],
    ['nat!=none', {}],
    ['zone=7', { zone: 7 }],
    ['replyZone=7', { zone: 7 }],
    ['zone=0', {}],
    ['not (mark=1 or not zone=3)', { zone: 3 }],
    ['all', {}],
  ])('for %s', (text, expected) => {
    expect(pushDown(parseFilter(text))).toEqual(expected);
  });

  it.each(['protocol=tcp', 'protocol=tcp and dport=443', 'dport=443 and mark=1'])('contains no tuple without a family: %s', (text) => {
    expect(pushDown(parseFilter(text))).not.toHaveProperty(['protocol']);
    expect(pushDown(parseFilter(text))).not.toHaveProperty(['original']);
  });

  it.each(['family=ipv4 and dport=443', 'family=ipv4 and protocol=icmp and dport=443'])(
    'no port without a protocol that has them: %s',
    (text) => {
      expect(pushDown(parseFilter(text))).not.toHaveProperty(['original']);
    },
  );

  it.each(['mark=1 or zone=3', 'not (mark=1 and zone=3)'])('contains nothing of alternatives: %s', (text) => {
    expect(pushDown(parseFilter(text))).toEqual({});
  });

  it.each([
    'source=::1',
    'family=ipv6 and source=2001:db8::1',
    'source=10.0.0.1 and family=ipv6',
    'natSource=::1 and replySource=10.0.0.1',
  ])('contains no address if the filter has IPv6: %s', (text) => {
    const { family, original, reply } = pushDown(parseFilter(text));
    if (family !== AF_INET) expect([original, reply]).toEqual([undefined, undefined]);
    expect(original?.source?.length ?? 4).toBe(4);
  });
});

describe('any filter', () => {
  const conjunction = fc
    .array(
      arbitraryTest.map((test): Filter => ({ kind: 'test', test })),
      { maxLength: 5 },
    )
    .map((tests) => allOf(...tests));
  const anyFilter = fc.oneof(arbitraryRawFilter, conjunction);

  it('lets the kernel select at least the wanted entries', () => {
    fc.assert(
      fc.property(anyFilter, fc.array(arbitraryEntry, { minLength: 20, maxLength: 20 }), (filter, entries) => {
        const isWanted = compileFilter(filter, () => NOW_MILLISECONDS);
        const requested = pushDown(filter);
        expect(entries.filter((entry) => isWanted(viewOf(entry)) && !kernelSelects(requested, entry, viewOf(entry)))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('lets the kernel select exactly the wanted entries if it can be pushed down completely', () => {
    const exact = ['family=ipv4', 'protocol=tcp', 'source=10.0.0.1', 'destinationPort=80', 'mark=1/0x1', 'nat=source', 'status!=ASSURED'];
    const filter = parseFilter(exact.join(' and '));
    const near: fc.Arbitrary<PlainEntry> = arbitraryEntry.map((entry) => ({
      ...entry,
      family: 'ipv4',
      protocol: 6,
      original: { ...entry.original, source: '10.0.0.1', destination: '10.0.0.2', ports: [1, 80], icmp: null },
      reply: { ...entry.reply, source: '10.0.0.2', destination: '10.0.0.1', ports: [80, 1], icmp: null },
    }));
    fc.assert(
      fc.property(near, (entry) => {
        expect(kernelSelects(pushDown(filter), entry, viewOf(entry))).toBe(compileFilter(filter, Date.now)(viewOf(entry)));
      }),
    );
  });

  it('becomes a valid request', () => {
    fc.assert(
      fc.property(anyFilter, (filter) => {
        expect(dumpRequest(pushDown(filter), 1).length).toBeGreaterThan(0);
      }),
    );
  });
});

function bitsSet(bits: number, rest: KernelFilter): KernelFilter {
  return { ...rest, status: { bits, mask: bits } };
}

/** Compares as `ctnetlink_filter_match` does, and the zone by its number, whatever its direction. */
function kernelSelects(
  { family, protocol, original, reply, mark, status, zone }: KernelFilter,
  entry: PlainEntry,
  view: EntryView,
): boolean {
  if (family === undefined && (protocol ?? original ?? reply) !== undefined) throw new Error('EOPNOTSUPP: a tuple without a family');
  if (protocol === undefined && [original, reply].some((tuple) => (tuple?.sourcePort ?? tuple?.destinationPort) !== undefined))
    throw new Error('EINVAL: a port without a protocol');
  return (
    (family === undefined || view.family === family) &&
    (protocol === undefined || view.protocol === protocol) &&
    tupleSelects(original, view.original, view.bytes) &&
    tupleSelects(reply, view.reply, view.bytes) &&
    (mark === undefined || ((entry.mark ?? 0) & mask(mark)) >>> 0 === mark.bits) &&
    (status === undefined || (view.status & mask(status)) === status.bits) &&
    (zone === undefined || (entry.zone?.id ?? 0) === zone)
  );
}

function mask(bits: { readonly mask: number }): number {
  if (bits.mask === 0) throw new Error('EINVAL: an empty mask');
  return bits.mask;
}

function tupleSelects(wanted: KernelTupleFilter = {}, tuple: TupleView, bytes: Uint8Array): boolean {
  const { source, destination, sourcePort, destinationPort } = wanted;
  const isAt = (address: Uint8Array | undefined, at: number): boolean =>
    address?.every((octet, index) => bytes[at + index] === octet) ?? true;
  return (
    isAt(source, tuple.source) &&
    isAt(destination, tuple.destination) &&
    (sourcePort ?? tuple.sourcePort) === tuple.sourcePort &&
    (destinationPort ?? tuple.destinationPort) === tuple.destinationPort
  );
}
