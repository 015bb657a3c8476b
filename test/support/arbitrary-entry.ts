import { SocketAddress } from 'node:net';
import fc from 'fast-check';
import { STATUS_NAMES, type Entry, type Family, type MasterTuple, type Tuple } from '../../src/domain/entry.ts';
import { STATE_NAMES } from '../../src/kernel/entries/entry-view.ts';

const NAMES: Readonly<Record<number, string>> = {
  ...{ 1: 'icmp', 6: 'tcp', 17: 'udp', 33: 'dccp', 47: 'gre', 58: 'icmpv6', 132: 'sctp', 136: 'udplite' },
  ...{ 2: 'unknown', 50: 'unknown', 255: 'unknown' },
};
const ICMP = [1, 58];
const WITHOUT_ENDS = [2, 50, 255];
const GRE = 47;
const TCP = 6;
const SCTP = 132;
/** The offload bits, which an entry has both in its status and as `offload`. */
const OFFLOADS: readonly string[] = ['OFFLOAD', 'HW_OFFLOAD'];

const octet = fc.integer({ min: 0, max: 0xff });
const short = fc.integer({ min: 0, max: 0xffff });
const word = fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff));
const signed = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
const counter = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(String);
/** Texts of the kernel: octets other than NUL. */
const text = fc.string({ unit: fc.integer({ min: 1, max: 0xff }).map((code) => String.fromCharCode(code)), minLength: 1, maxLength: 40 });
const time = fc
  .record({ seconds: fc.integer({ min: 0, max: 9_000_000_000 }), nanoseconds: fc.integer({ min: 0, max: 999_999_999 }) })
  .map(({ seconds, nanoseconds }) => {
    return `${new Date(seconds * 1_000).toISOString().slice(0, 19)}.${String(nanoseconds).padStart(9, '0')}Z`;
  });

/** As inet_ntop(3) writes it; with many zeros, so that `::` occurs. */
export function arbitraryAddress(family: Family): fc.Arbitrary<string> {
  if (family === 'ipv4') return fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'));
  const group = fc.oneof({ arbitrary: fc.constant(0), weight: 3 }, fc.constantFrom(1, 0xffff), short);
  return fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => {
    return new SocketAddress({ family: 'ipv6', address: groups.map((value) => value.toString(16)).join(':') }).address;
  });
}

function arbitraryEnds(protocol: number): fc.Arbitrary<Partial<Tuple>> {
  if (WITHOUT_ENDS.includes(protocol)) return fc.constant({});
  if (ICMP.includes(protocol)) return fc.record({ icmpType: octet, icmpCode: octet, icmpId: short });
  if (protocol === GRE) return fc.record({ sourceKey: short, destinationKey: short });
  return fc.record({ sourcePort: short, destinationPort: short });
}

function arbitraryTuple(family: Family, protocol: number): fc.Arbitrary<Tuple> {
  const sequenceAdjust = fc.record({ correction: word, offsetBefore: signed, offsetAfter: signed });
  const tcp = fc.record({ windowScale: fc.integer({ min: 0, max: 14 }), tcpFlags: octet, sequenceAdjust }, { requiredKeys: [] });
  return fc
    .tuple(
      fc.record({ source: arbitraryAddress(family), destination: arbitraryAddress(family) }),
      arbitraryEnds(protocol),
      fc.oneof(fc.constant({}), fc.record({ packets: counter, bytes: counter })),
      protocol === TCP ? tcp : protocol === SCTP ? fc.record({ vtag: word }, { requiredKeys: [] }) : fc.constant({}),
    )
    .map(([addresses, ends, counters, rest]) => ({ ...addresses, ...ends, ...counters, ...rest }));
}

function arbitraryMaster(family: Family): fc.Arbitrary<MasterTuple> {
  return fc
    .constantFrom(...Object.keys(NAMES).map(Number))
    .chain((protocolNumber) =>
      fc
        .tuple(fc.record({ source: arbitraryAddress(family), destination: arbitraryAddress(family) }), arbitraryEnds(protocolNumber))
        .map(([addresses, ends]) => ({ protocol: NAMES[protocolNumber] ?? '', protocolNumber, ...addresses, ...ends })),
    );
}

function arbitraryRest(protocol: number, family: Family): fc.Arbitrary<Partial<Entry>> {
  const zones = fc.oneof(fc.constant({}), fc.record({ zone: short }), fc.record({ originalZone: short }), fc.record({ replyZone: short }));
  const labels = fc.uniqueArray(fc.integer({ min: 0, max: 127 }), { maxLength: 8 }).map((bits) => bits.sort((a, b) => a - b));
  const texts = { helper: text, labels, secctx: text, secmark: word };
  const synproxy = fc.record({ isn: word, its: word, tsoff: word });
  const numbers = { mark: word, startedAt: time, stoppedAt: time, ageSeconds: word, use: word, synproxy };
  const fields = { ...texts, ...numbers, master: arbitraryMaster(family) };
  const states = STATE_NAMES.get(protocol) ?? [];
  const state = states.length === 0 ? fc.constant({}) : fc.record({ state: fc.constantFrom(...states) }, { requiredKeys: [] });
  return fc
    .tuple(state, fc.record({ timeoutSeconds: word }, { requiredKeys: [] }), zones, fc.record(fields, { requiredKeys: [] }))
    .map((parts) => ({ ...parts[0], ...parts[1], ...parts[2], ...parts[3] }));
}

/** Every kind of entry that a kernel can report, and some that it cannot. */
export const arbitraryEntry: fc.Arbitrary<Entry> = fc
  .record({ family: fc.constantFrom<Family>('ipv4', 'ipv6'), protocolNumber: fc.constantFrom(...Object.keys(NAMES).map(Number)) })
  .chain(({ family, protocolNumber }) =>
    fc
      .record({
        status: fc.subarray([...STATUS_NAMES]),
        original: arbitraryTuple(family, protocolNumber),
        reply: arbitraryTuple(family, protocolNumber),
        rest: arbitraryRest(protocolNumber, family),
        ctaId: fc.option(word),
      })
      .map(({ status, original, reply, rest, ctaId }) => {
        const offload = status.some((name) => OFFLOADS.includes(name));
        const entry = { family, protocol: NAMES[protocolNumber] ?? '', protocolNumber, status, original, reply, ...rest };
        const id = packed(entry) + (ctaId === null ? '' : `-${hex(ctaId, 8)}`);
        return { ...entry, id, ...(offload && { offload }) };
      }),
  );

/** The id, computed independently of the product. */
function packed({ family, protocolNumber, original, zone = 0, originalZone, replyZone }: Omit<Entry, 'id'>): string {
  const { source, destination, icmpType, icmpCode = 0, icmpId = 0 } = original;
  const ends =
    icmpType === undefined
      ? hex(original.sourcePort ?? original.sourceKey ?? 0, 4) + hex(original.destinationPort ?? original.destinationKey ?? 0, 4)
      : hex(icmpType, 2) + hex(icmpCode, 2) + hex(icmpId, 4);
  const scope =
    originalZone !== undefined ? `01${hex(originalZone, 4)}` : replyZone !== undefined ? `02${hex(replyZone, 4)}` : `03${hex(zone, 4)}`;
  return `${family === 'ipv4' ? '04' : '06'}${hex(protocolNumber, 2)}${addressHex(source)}${addressHex(destination)}${ends}${scope}`;
}

function addressHex(address: string): string {
  if (!address.includes(':')) return dottedHex(address);
  const dotted = /[0-9.]+\.[0-9]+$/.exec(address)?.[0];
  const plain = dotted === undefined ? address : address.replace(dotted, `${dottedHex(dotted).slice(0, 4)}:${dottedHex(dotted).slice(4)}`);
  const [head = [], tail = []] = plain.split('::').map((side) => side.split(':').filter(Boolean));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...zeros, ...tail].map((group) => group.padStart(4, '0')).join('');
}

function dottedHex(address: string): string {
  return address
    .split('.')
    .map((part) => hex(Number(part), 2))
    .join('');
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
