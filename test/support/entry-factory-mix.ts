import { AF_INET, AF_INET6, IPPROTO, STATUS } from '../../src/kernel/entries/entry-view.ts';

/** The values of one flow: numbers and octets in ctnetlink's form. */
export interface MadeEntry {
  readonly family: number;
  readonly protocol: number;
  /** 4 octets or 16. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** The query id of ICMP. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly status: number;
  readonly timeoutSeconds: number;
  /** The kernel's number; TCP only. */
  readonly tcpState?: number;
  /** Where SNAT puts the source: 4 octets. */
  readonly translatedSource?: Uint8Array;
  readonly mark?: number;
  readonly zone?: number;
}

interface Kind {
  readonly percent: number;
  readonly protocol: number;
  readonly status: number;
  readonly tcpState?: number;
}

const UNREPLIED = STATUS.confirmed;
const REPLIED = STATUS.confirmed | STATUS.seenReply;
const ASSURED = REPLIED | STATUS.assured;
const TCP = { protocol: IPPROTO.tcp, status: ASSURED };

export const KINDS = {
  established: { ...TCP, percent: 55, tcpState: 3 },
  timeWait: { ...TCP, percent: 10, tcpState: 7 },
  synSent: { ...TCP, percent: 6, tcpState: 1, status: UNREPLIED },
  closeWait: { ...TCP, percent: 4, tcpState: 5 },
  udpAssured: { percent: 10, protocol: IPPROTO.udp, status: ASSURED },
  udpUnreplied: { percent: 10, protocol: IPPROTO.udp, status: UNREPLIED },
  icmp: { percent: 5, protocol: IPPROTO.icmp, status: REPLIED },
} as const satisfies Record<string, Kind>;

const KIND_OF_PERCENT: readonly Kind[] = Object.values(KINDS).flatMap((kind) => Array<Kind>(kind.percent).fill(kind));
const IPV6_PERCENT = 13;
const MARKED_PERCENT = 50;
const ZONED_PERCENT = 1;
/** Share of the established IPv4 flows with SNAT, so that two thirds of all established flows are translated. */
const TRANSLATED_PER_MILLE = 766;

const CLIENTS = 50_000;
const EPHEMERAL_PORTS = 64_512;
const FIRST_EPHEMERAL_PORT = 1_024;
/** Each port has one twentieth of all flows; the benchmark filters by 22. */
const PORTS = [443, 443, 443, 443, 443, 443, 443, 443, 443, 443, 443, 443, 80, 80, 80, 53, 53, 993, 8_080, 22];

/** Long enough that no entry expires during a benchmark or a test. */
const SHORTEST_TIMEOUT_SECONDS = 20_000;
const TIMEOUT_SPREAD_SECONDS = 80_000;

/** Entries from this index on come from 172.16.0.0/12 and fd01::/16, all others from 10.0.0.0/8 and fd00::/16. */
export const FIRST_TRANSIENT = 8_000_000;
export const INDEX_LIMIT = EPHEMERAL_PORTS * 256;

/** The address with the most entries: about 0.4 % of the table. */
export const BUSIEST_SOURCE = '10.0.0.0';

/**
 * The flow with this number: always the same one, and unique, because source port and last octet of the destination encode the number.
 * The mix is that of a busy gateway: see KINDS and the shares above.
 */
export function entryAt(index: number): MadeEntry {
  if (index >= INDEX_LIMIT) throw new RangeError(`Entry ${index}: there are only ${INDEX_LIMIT}.`);
  const kind = KIND_OF_PERCENT[scatter(index, 1) % 100] ?? KINDS.established;
  const sixth = scatter(index, 2) % 100 < IPV6_PERCENT;
  const translated = !sixth && kind === KINDS.established && scatter(index, 3) % 1_000 < TRANSLATED_PER_MILLE;
  return {
    family: sixth ? AF_INET6 : AF_INET,
    protocol: sixth && kind.protocol === IPPROTO.icmp ? IPPROTO.icmpv6 : kind.protocol,
    source: sixth ? sixthSource(index) : source(index),
    destination: sixth ? sixthDestination(index) : destination(index),
    sourcePort: FIRST_EPHEMERAL_PORT + (index % EPHEMERAL_PORTS),
    destinationPort: PORTS[scatter(index, 4) % PORTS.length] ?? 443,
    status: kind.status,
    timeoutSeconds: SHORTEST_TIMEOUT_SECONDS + (scatter(index, 5) % TIMEOUT_SPREAD_SECONDS),
    ...(kind.tcpState !== undefined && { tcpState: kind.tcpState }),
    ...(translated && { translatedSource: Uint8Array.of(203, 0, 113, scatter(index, 6) % 64) }),
    ...(scatter(index, 7) % 100 < MARKED_PERCENT && { mark: 1 + (scatter(index, 8) % 16) }),
    ...(scatter(index, 9) % 100 < ZONED_PERCENT && { zone: 1 }),
  };
}

/** As `entryAt`, but an established TCP flow, which the kernel does not evict to make room. */
export function assuredAt(index: number): MadeEntry {
  const { protocol, status, tcpState } = KINDS.established;
  return { ...entryAt(index), protocol, status, tcpState };
}

/** The square makes a few clients busy and most of them quiet. */
function client(index: number): number {
  const share = scatter(index, 10) / 2 ** 32;
  return Math.floor(CLIENTS * share * share);
}

function source(index: number): Uint8Array {
  const [net, host] = index < FIRST_TRANSIENT ? [10, 0] : [172, 16];
  const number = client(index);
  return Uint8Array.of(net, host, number >> 8, number);
}

function sixthSource(index: number): Uint8Array {
  const number = client(index);
  return Uint8Array.of(0xfd, index < FIRST_TRANSIENT ? 0 : 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number >> 8, number);
}

/** 198.18.0.0/15, the addresses of benchmarks. */
function destination(index: number): Uint8Array {
  const server = scatter(index, 11);
  return Uint8Array.of(198, 18 + (server & 1), server >>> 8, Math.floor(index / EPHEMERAL_PORTS));
}

/** 2001:2::/48, likewise. */
function sixthDestination(index: number): Uint8Array {
  const server = scatter(index, 11);
  return Uint8Array.of(0x20, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, server, Math.floor(index / EPHEMERAL_PORTS));
}

/** 32 well-mixed bits of a number (the finalizer of MurmurHash3), a different sequence for each salt. */
function scatter(index: number, salt: number): number {
  let bits = (index ^ Math.imul(salt, 0x9e37_79b9)) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
