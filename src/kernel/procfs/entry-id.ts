import type { Entry } from '../../domain/entry.ts';
import { addressHex } from './ip-address.ts';

type Identity = Pick<Entry, 'family' | 'protocolNumber' | 'original' | 'zone' | 'zoneOriginal' | 'zoneReply'>;

/** The kernel's `enum` of zone directions. */
const ZONE_ORIGINAL = 1;
const ZONE_REPLY = 2;
const ZONE_BOTH = 3;

/**
 * What makes an entry unique, packed big-endian and written in lower-case hex, so that ids sort by family, protocol, source, destination:
 *
 * family (4 or 6, 1 byte), protocol (1), source and destination address (4 or 16 each), then 4 bytes by protocol (ports, or ICMP type, code
 * and id, or GRE keys, or zero), zone direction (1: original, 2: reply, 3: both), zone (2).
 */
export function entryId(entry: Identity): string {
  const { family, protocolNumber, original } = entry;
  const addresses = `${addressHex(family, original.source) ?? ''}${addressHex(family, original.destination) ?? ''}`;
  return `${family === 'ipv4' ? '04' : '06'}${octet(protocolNumber)}${addresses}${discriminator(original)}${zone(entry)}`;
}

function discriminator(tuple: Entry['original']): string {
  if (tuple.icmpType !== undefined) return octet(tuple.icmpType) + octet(tuple.icmpCode ?? 0) + short(tuple.icmpId ?? 0);
  return short(tuple.sourcePort ?? tuple.sourceKey ?? 0) + short(tuple.destinationPort ?? tuple.destinationKey ?? 0);
}

function zone({ zone: both, zoneOriginal, zoneReply }: Identity): string {
  if (zoneOriginal !== undefined) return octet(ZONE_ORIGINAL) + short(zoneOriginal);
  if (zoneReply !== undefined) return octet(ZONE_REPLY) + short(zoneReply);
  return octet(ZONE_BOTH) + short(both ?? 0);
}

function octet(value: number): string {
  return value.toString(16).padStart(2, '0');
}

function short(value: number): string {
  return value.toString(16).padStart(4, '0');
}
