import { ByteWriter, OVERSHOOT_BYTES } from './byte-writer.ts';
import { ABSENT, AF_INET, AF_INET6, IPPROTO, type EntryView } from './entry-view.ts';
import { addressBytes } from './ip-text.ts';

/** What an id says of its entry: enough to ask the kernel for exactly this one. */
export interface EntryKey {
  /** AF_INET or AF_INET6. */
  readonly family: number;
  /** IANA number. */
  readonly protocol: number;
  /** Of the original direction: 4 octets or 16. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** Ports or call ids (GRE); 0 where there are none. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Of ICMP and ICMPv6, in place of ports. */
  readonly icmp?: { readonly type: number; readonly code: number; readonly id: number };
  /** 0 for the default zone. */
  readonly zone: number;
  /** The directions that the zone is of. */
  readonly zoneDirection: 'original' | 'reply' | 'both';
  /** CTA_ID: unsigned 32 bits; absent where the source told none. */
  readonly id?: number;
}

const ZONE_DIRECTIONS = { '01': 'original', '02': 'reply', '03': 'both' } as const;
const ZONE_ORIGINAL = 1;
const ZONE_REPLY = 2;
const ZONE_BOTH = 3;
const MINUS = 0x2d;
const TEXT_BYTES_MAX = 91;

/**
 * What makes an entry unique, packed big-endian and written in lower-case hex, so that ids sort by family, protocol, source, destination:
 *
 * family (4 or 6, 1 byte), protocol (1), source and destination address (4 or 16 each), then 4 bytes by protocol (ports, or ICMP type, code
 * and id, or GRE keys, or zero), zone direction (1: original, 2: reply, 3: both), zone (2). Where the kernel told its own id, `-` and that:
 * a later flow with the same tuple then has another id.
 */
export function writeEntryId(view: EntryView, out: ByteWriter): void {
  const length = addressBytes(view.family);
  out.hex8(view.family === AF_INET ? 4 : 6);
  out.hex8(view.protocol);
  out.hex(view.bytes, view.original.source, length);
  out.hex(view.bytes, view.original.destination, length);
  writeDiscriminator(view, out);
  writeZone(view, out);
  if (view.hasId) {
    out.octet(MINUS);
    out.hex32(view.id);
  }
}

/** The same as text. */
export function entryId(view: EntryView): string {
  const out = new ByteWriter(new Uint8Array(TEXT_BYTES_MAX + OVERSHOOT_BYTES));
  writeEntryId(view, out);
  return Buffer.from(out.bytes.buffer).toString('latin1', 0, out.at);
}

const END = /([0-9a-f]{8})(0[123])([0-9a-f]{4})(?:-([0-9a-f]{8}))?$/.source;
const IPV4_ID = new RegExp(`^(04)([0-9a-f]{2})([0-9a-f]{8})([0-9a-f]{8})${END}`);
const IPV6_ID = new RegExp(`^(06)([0-9a-f]{2})([0-9a-f]{32})([0-9a-f]{32})${END}`);

/** `undefined` for a text that is no id of ours. */
export function parseEntryId(text: string): EntryKey | undefined {
  const match = IPV4_ID.exec(text) ?? IPV6_ID.exec(text);
  if (!match) return undefined;
  const [, family, protocol = '', source = '', destination = '', discriminator = '', direction, zone = '', id] = match;
  const protocolNumber = Number.parseInt(protocol, 16);
  return {
    family: family === '04' ? AF_INET : AF_INET6,
    protocol: protocolNumber,
    source: new Uint8Array(Buffer.from(source, 'hex')),
    destination: new Uint8Array(Buffer.from(destination, 'hex')),
    ...endsOf(protocolNumber, Number.parseInt(discriminator, 16)),
    zone: Number.parseInt(zone, 16),
    zoneDirection: ZONE_DIRECTIONS[direction as keyof typeof ZONE_DIRECTIONS],
    ...(id !== undefined && { id: Number.parseInt(id, 16) }),
  };
}

function endsOf(protocol: number, discriminator: number): Pick<EntryKey, 'sourcePort' | 'destinationPort' | 'icmp'> {
  const [high, low] = [discriminator >>> 16, discriminator & 0xffff];
  const isIcmp = protocol === IPPROTO.icmp || protocol === IPPROTO.icmpv6;
  if (!isIcmp) return { sourcePort: high, destinationPort: low };
  return { sourcePort: 0, destinationPort: 0, icmp: { type: high >>> 8, code: high & 0xff, id: low } };
}

function writeDiscriminator({ original }: EntryView, out: ByteWriter): void {
  if (original.icmpType !== ABSENT) {
    out.hex8(original.icmpType);
    out.hex8(orZero(original.icmpCode));
    out.hex16(orZero(original.icmpId));
  } else {
    out.hex16(orZero(original.sourcePort));
    out.hex16(orZero(original.destinationPort));
  }
}

function writeZone({ original, reply, zone }: EntryView, out: ByteWriter): void {
  if (original.zone !== ABSENT) writeZoneOf(ZONE_ORIGINAL, original.zone, out);
  else if (reply.zone !== ABSENT) writeZoneOf(ZONE_REPLY, reply.zone, out);
  else writeZoneOf(ZONE_BOTH, orZero(zone), out);
}

function writeZoneOf(direction: number, zone: number, out: ByteWriter): void {
  out.hex8(direction);
  out.hex16(zone);
}

function orZero(value: number): number {
  return value === ABSENT ? 0 : value;
}
