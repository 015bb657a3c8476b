import fc from 'fast-check';
import { ABSENT, AF_INET, AF_INET6, EntryView, type TupleView } from '../../../../../src/kernel/entries/entry-view.ts';

/** The fields of an entry that a summary reads. */
export interface Flow {
  readonly family: number;
  readonly protocol: number;
  /** Last octets of the addresses: original source and destination, reply source and destination. */
  readonly hosts: readonly [number, number, number, number];
  /** Ports of the original direction: source, destination. */
  readonly ports: readonly [number, number] | undefined;
  readonly state: number;
  readonly status: number;
  readonly mark: number | undefined;
  readonly zone: number;
  readonly originalZone: number;
  readonly replyZone: number;
  readonly timeout: number;
  /** Original direction, then reply. */
  readonly counters: readonly (Counters | undefined)[];
}

export interface Counters {
  readonly packets: number;
  readonly bytes: number;
}

export const FLOW: Flow = {
  family: AF_INET,
  protocol: 6,
  hosts: [1, 2, 2, 1],
  ports: [40_000, 443],
  state: 3,
  status: 0,
  mark: undefined,
  zone: ABSENT,
  originalZone: ABSENT,
  replyZone: ABSENT,
  timeout: 60,
  counters: [],
};

/** Few values, so that keys repeat. */
export function anyFlow(hosts: number): fc.Arbitrary<Flow> {
  const host = fc.integer({ min: 1, max: hosts });
  const zone = fc.constantFrom(ABSENT, ABSENT, 0, 7);
  const counters = fc.option(fc.record({ packets: fc.integer({ min: 0, max: 50 }), bytes: fc.integer({ min: 0, max: 2 ** 40 }) }), {
    nil: undefined,
  });
  return fc.record({
    family: fc.constantFrom(AF_INET, AF_INET6),
    protocol: fc.constantFrom(1, 6, 17, 47, 132),
    hosts: fc.tuple(host, host, host, host),
    ports: fc.option(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 65_530, max: 65_535 })), { nil: undefined }),
    state: fc.integer({ min: ABSENT, max: 11 }),
    status: fc.integer({ min: 0, max: 0xffff }),
    mark: fc.option(fc.constantFrom(0, 1, 0xffff_ffff), { nil: undefined }),
    zone,
    originalZone: zone,
    replyZone: zone,
    timeout: fc.oneof(fc.integer({ min: ABSENT, max: 700 }), fc.constantFrom(86_400, 431_999, 432_000, 2_000_000)),
    counters: fc.tuple(counters, counters),
  });
}

/** Filled as a source fills it: positions of addresses vary, and absent fields keep old values. */
export function fill(view: EntryView, flow: Flow): EntryView {
  const octets = flow.family === AF_INET ? 4 : 16;
  const places = [3, 25, 50, 75] as const;
  const bytes = new Uint8Array(100).fill(0xee);
  places.forEach((place, index) => {
    bytes.set(addressOctets(octets, flow.hosts[index] ?? 0), place);
  });
  view.clear(bytes);
  [view.original.source, view.original.destination, view.reply.source, view.reply.destination] = places;
  view.family = flow.family;
  view.protocol = flow.protocol;
  [view.original.sourcePort, view.original.destinationPort] = flow.ports ?? [ABSENT, ABSENT];
  view.state = flow.state;
  view.status = flow.status;
  view.hasMark = flow.mark !== undefined;
  // Signed, as in the decoder.
  view.mark = (flow.mark ?? 99) | 0;
  view.zone = flow.zone;
  view.original.zone = flow.originalZone;
  view.reply.zone = flow.replyZone;
  view.timeout = flow.timeout;
  fillCounters(view.original, flow.counters[0]);
  fillCounters(view.reply, flow.counters[1]);
  return view;
}

export function viewOf(flow: Flow): EntryView {
  return fill(new EntryView(), flow);
}

/** `host` is the last octet. No part of an IPv6 address is zero, so that a test notices a lost part. */
export function addressOf(family: number, host: number): string {
  return family === AF_INET ? `10.0.0.${String(host)}` : `2001:db8:1:2:3:4:5:${host.toString(16)}`;
}

function addressOctets(length: number, host: number): readonly number[] {
  if (length === 4) return [10, 0, 0, host];
  return [0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, host];
}

function fillCounters(tuple: TupleView, counters: Counters | undefined): void {
  tuple.hasCounters = counters !== undefined;
  const { packets, bytes } = counters ?? { packets: 77, bytes: 77 };
  tuple.packetsHigh = 0;
  tuple.packetsLow = packets;
  tuple.bytesHigh = Math.floor(bytes / 2 ** 32);
  tuple.bytesLow = bytes | 0;
}
