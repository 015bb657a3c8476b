import fc from 'fast-check';
import { parseAddress } from '../../../../src/domain/filter/address.ts';
import { ABSENT, AF_INET, AF_INET6, EntryView, STATE_NAMES, type TupleView } from '../../../../src/kernel/entries/entry-view.ts';
import { ADDRESSES, CONTEXTS, HELPERS, MARKS, NUMBERS, PROTOCOLS } from './arbitrary-filter.ts';

/** One direction of an entry in plain values; `null` is what the entry does not have. */
export interface PlainTuple {
  readonly source: string;
  readonly destination: string;
  readonly ports: readonly [number, number] | null;
  readonly icmp: readonly [number, number, number] | null;
  readonly vtag: number | null;
  readonly counters: readonly [packets: number, bytes: number] | null;
}

export interface PlainEntry {
  readonly family: 'ipv4' | 'ipv6';
  readonly protocol: number;
  readonly original: PlainTuple;
  readonly reply: PlainTuple;
  readonly status: number;
  readonly timeout: number | null;
  readonly state: number | null;
  readonly mark: number | null;
  /** As the kernel has it: one zone, of both directions or one. */
  readonly zone: { readonly id: number; readonly of: 'both' | 'original' | 'reply' } | null;
  readonly labels: readonly number[] | null;
  readonly helper: string | null;
  readonly secctx: string | null;
  readonly secmark: number | null;
  readonly ageSeconds: { readonly told: 'age' | 'start'; readonly value: number } | null;
}

/** What is now to the entries: their ages are whole seconds before it. */
export const NOW_MILLISECONDS = Date.UTC(2026, 0, 1);
const LABEL_BYTES = 16;
const SCTP = 132;
const MAX_COUNTER = 2 ** 62;

const orNone = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 3 });
const upTo = (maximum: number): fc.Arbitrary<number> => fc.constantFrom(...NUMBERS.filter((value) => value <= maximum));
const counter = fc.constantFrom(...NUMBERS, 2 ** 53, MAX_COUNTER);

function tuple(family: 'ipv4' | 'ipv6', protocol: number, isIcmp: boolean): fc.Arbitrary<PlainTuple> {
  const address = fc.constantFrom(...ADDRESSES[family]);
  return fc.record({
    source: address,
    destination: address,
    ports: isIcmp ? fc.constant(null) : fc.tuple(upTo(65_535), upTo(65_535)),
    icmp: isIcmp ? fc.tuple(upTo(255), upTo(255), upTo(65_535)) : fc.constant(null),
    vtag: protocol === SCTP ? orNone(upTo(4_294_967_295)) : fc.constant(null),
    counters: orNone(fc.tuple(counter, counter)),
  });
}

export const arbitraryEntry: fc.Arbitrary<PlainEntry> = fc
  .tuple(fc.constantFrom('ipv4', 'ipv6'), fc.constantFrom(...PROTOCOLS))
  .chain(([family, protocol]) => {
    const isIcmp = protocol === 1 || protocol === 58;
    return fc.record({
      family: fc.constant(family),
      protocol: fc.constant(protocol),
      original: tuple(family, protocol, isIcmp),
      reply: tuple(family, protocol, isIcmp),
      status: fc.nat(0xffff),
      timeout: orNone(upTo(4_294_967_295)),
      state: STATE_NAMES.has(protocol) ? orNone(fc.nat(9)) : fc.constant(null),
      mark: orNone(fc.constantFrom(...MARKS)),
      zone: orNone(fc.record({ id: fc.constantFrom(1, 3, 22, 65_535), of: fc.constantFrom('both', 'original', 'reply') })),
      labels: orNone(fc.array(fc.nat(127), { maxLength: 3 })),
      helper: orNone(fc.constantFrom(...HELPERS, 'sip-5060')),
      secctx: orNone(fc.constantFrom(...CONTEXTS, 'system_u:object_r:http_packet_t:s0')),
      secmark: orNone(upTo(4_294_967_295)),
      ageSeconds: orNone(fc.record({ told: fc.constantFrom('age', 'start'), value: fc.constantFrom(0, 1, 80, 443, 70_000) })),
    });
  });

/** As a source would fill the view; the bytes begin with some that are nobody's. */
export function viewOf(entry: PlainEntry): EntryView {
  const view = new EntryView();
  const bytes: number[] = [0xff, 0xff, 0xff];
  const place = (part: Iterable<number>): number => bytes.push(...part) - [...part].length;
  view.family = entry.family === 'ipv4' ? AF_INET : AF_INET6;
  view.protocol = entry.protocol;
  fillTuple(view.original, entry.original, place);
  fillTuple(view.reply, entry.reply, place);
  view.status = entry.status;
  view.timeout = entry.timeout ?? ABSENT;
  view.state = entry.state ?? ABSENT;
  view.hasMark = entry.mark !== null;
  // What the entry before left behind counts for nothing.
  view.mark = (entry.mark ?? 0x11) | 0;
  if (entry.zone !== null) (entry.zone.of === 'both' ? view : view[entry.zone.of]).zone = entry.zone.id;
  if (entry.labels !== null) fillLabels(view, entry.labels, place);
  if (entry.helper !== null) fillHelper(view, entry.helper, place);
  if (entry.secctx !== null) {
    view.secctx = place(Buffer.from(entry.secctx, 'latin1'));
    view.secctxLength = entry.secctx.length;
  }
  view.hasSecmark = entry.secmark !== null;
  view.secmark = (entry.secmark ?? 3) | 0;
  if (entry.ageSeconds !== null) fillAge(view, entry.ageSeconds);
  view.bytes = Uint8Array.from(bytes);
  return view;
}

type Place = (part: Iterable<number>) => number;

function fillTuple(view: TupleView, { source, destination, ports, icmp, vtag, counters }: PlainTuple, place: Place): void {
  view.source = place(parseAddress(source) ?? []);
  view.destination = place(parseAddress(destination) ?? []);
  [view.sourcePort, view.destinationPort] = ports ?? [ABSENT, ABSENT];
  [view.icmpType, view.icmpCode, view.icmpId] = icmp ?? [ABSENT, ABSENT, ABSENT];
  view.hasVtag = vtag !== null;
  view.vtag = (vtag ?? 3) | 0;
  view.hasCounters = counters !== null;
  [view.packetsHigh, view.packetsLow] = halves(counters?.[0] ?? 1);
  [view.bytesHigh, view.bytesLow] = halves(counters?.[1] ?? 1);
}

function fillLabels(view: EntryView, labels: readonly number[], place: Place): void {
  const bits = new Uint8Array(LABEL_BYTES);
  for (const label of labels) bits[label >> 3] = (bits[label >> 3] ?? 0) | (1 << (label & 7));
  view.labels = place(bits);
  view.labelsLength = LABEL_BYTES;
}

function fillHelper(view: EntryView, helper: string, place: Place): void {
  view.helper = place(new TextEncoder().encode(helper));
  view.helperLength = helper.length;
}

function fillAge(view: EntryView, { told, value }: NonNullable<PlainEntry['ageSeconds']>): void {
  if (told === 'age') view.age = value;
  view.hasStart = told === 'start';
  [view.startHigh, view.startLow] = halves((NOW_MILLISECONDS - value * 1_000) * 1_000_000);
}

/** Signed, as they are in a view. */
function halves(number: number): [number, number] {
  return [Math.floor(number / 2 ** 32) | 0, (number % 2 ** 32) | 0];
}
