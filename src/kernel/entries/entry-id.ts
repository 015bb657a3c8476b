import { ByteWriter, OVERSHOOT_BYTES } from './byte-writer.ts';
import { ABSENT, AF_INET, AF_INET6, IPPROTO, type EntryView } from './entry-view.ts';
import { addressBytes } from './ip-text.ts';

/** The content of an entry id: enough to request exactly this entry from the kernel. */
export interface EntryKey {
  /** AF_INET or AF_INET6. */
  readonly family: number;
  /** IANA number. */
  readonly protocol: number;
  /** Addresses of the original direction, 4 octets or 16. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** Ports, or call ids (GRE); 0 for protocols without them. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** For ICMP and ICMPv6, instead of ports. */
  readonly icmp?: { readonly type: number; readonly code: number; readonly id: number };
  /** 0 for the default zone. */
  readonly zone: number;
  /** The directions that the zone applies to. */
  readonly zoneDirection: 'original' | 'reply' | 'both';
  /** CTA_ID, unsigned 32 bits; absent if the source has none. */
  readonly id?: number;
}

const ZONE_DIRECTIONS = { '01': 'original', '02': 'reply', '03': 'both' } as const;
const ZONE_ORIGINAL = 1;
const ZONE_REPLY = 2;
const ZONE_BOTH = 3;
const MINUS = 0x2d;
const TEXT_BYTES_MAX = 91;

/**
 * Writes what makes an entry unique, packed big-endian, in lower-case hex, so that ids sort by family, protocol, source and destination:
 *
 * family (4 or 6, 1 byte), protocol (1), source and destination address (4 or 16 each), 4 bytes by protocol (ports, or ICMP type, code and
 * id, or GRE keys, or zero), zone direction (1: original, 2: reply, 3: both; 1 byte), zone (2). If the source has the kernel's id, `-` and
 * that id follow, so that a later flow with the same tuple has another id.
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

/** The same as a string. */
export function entryId(view: EntryView): string {
  const out = new ByteWriter(new Uint8Array(TEXT_BYTES_MAX + OVERSHOOT_BYTES));
  writeEntryId(view, out);
  return Buffer.from(out.bytes.buffer).toString('latin1', 0, out.at);
}

const END = /([0-9a-f]{8})(0[123])([0-9a-f]{4})(?:-([0-9a-f]{8}))?$/.source;
const IPV4_ID = new RegExp(`^(04)([0-9a-f]{2})([0-9a-f]{8})([0-9a-f]{8})${END}`);
const IPV6_ID = new RegExp(`^(06)([0-9a-f]{2})([0-9a-f]{32})([0-9a-f]{32})${END}`);

/** `undefined` if the text is not an entry id. */
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
