import { LITTLE_ENDIAN, MalformedMessage } from './attribute-values.ts';
import * as libc from './libc.ts';
import { NetlinkError } from './netlink-socket.ts';
import { extensionTracks } from './nft-messages.ts';

/*
 * From linux/netfilter_ipv4/ip_tables.h and linux/netfilter_ipv6/ip6_tables.h, in the host's byte order. An entry is: what it matches, target_offset
 * and next_offset, counters, matches, a target.
 */
const LEGACY = {
  ipv4: { domain: 2, level: 0, offsetsAt: 88, matchesAt: 112 }, // AF_INET, SOL_IP, struct ipt_entry
  ipv6: { domain: 10, level: 41, offsetsAt: 140, matchesAt: 168 }, // AF_INET6, SOL_IPV6, struct ip6t_entry
} as const;
export type LegacyFamily = keyof typeof LEGACY;

const IPPROTO_RAW = 255;
const GET_INFO = 64; // IPT_SO_GET_INFO, IP6T_SO_GET_INFO
const GET_ENTRIES = 65; // IPT_SO_GET_ENTRIES, IP6T_SO_GET_ENTRIES
const INFO_BYTES = 84;
const INFO_SIZE_AT = 80;
const TABLE_NAME_BYTES = 32;
const ENTRIES_AT = 40;
/** struct xt_entry_match, struct xt_entry_target: size, name, revision, data. */
const EXTENSION = { nameAt: 2, dataAt: 32 } as const;

/**
 * Whether a rule of a table of iptables-legacy enables connection tracking, in the network namespace of the calling thread. The table must exist: the kernel
 * would create it.
 *
 * @throws NetlinkError `EPERM` without CAP_NET_ADMIN, `EAGAIN` if the table is replaced meanwhile; MalformedMessage
 */
export function legacyTableTracks(family: LegacyFamily, table: string): boolean {
  const { domain, level } = LEGACY[family];
  const fd = libc.socket(domain, libc.SOCK_RAW | libc.SOCK_CLOEXEC, IPPROTO_RAW);
  if (fd < 0) throw new NetlinkError('socket', libc.errno());
  try {
    const info = request(fd, level, GET_INFO, table, INFO_BYTES);
    const size = info.getUint32(INFO_SIZE_AT, LITTLE_ENDIAN);
    const entries = request(fd, level, GET_ENTRIES, table, ENTRIES_AT + size, size);
    return legacyEntriesTrack(new DataView(entries.buffer, ENTRIES_AT, size), family);
  } finally {
    libc.close(fd);
  }
}

function request(fd: number, level: number, name: number, table: string, bytes: number, size?: number): DataView {
  const value = new BigUint64Array(Math.ceil(bytes / BigUint64Array.BYTES_PER_ELEMENT));
  const view = new DataView(value.buffer);
  new Uint8Array(value.buffer).set(Buffer.from(table, 'latin1').subarray(0, TABLE_NAME_BYTES - 1));
  if (size !== undefined) view.setUint32(TABLE_NAME_BYTES, size, LITTLE_ENDIAN);
  if (libc.getsockopt(fd, level, name, value, Uint32Array.of(bytes)) < 0) throw new NetlinkError('getsockopt ip_tables', libc.errno());
  return view;
}

/** @param view the entries of a table. @throws MalformedMessage */
export function legacyEntriesTrack(view: DataView, family: LegacyFamily): boolean {
  const { offsetsAt, matchesAt } = LEGACY[family];
  for (let at = 0; at < view.byteLength;) {
    if (at + matchesAt > view.byteLength) throw new MalformedMessage('an entry that is cut off', at);
    const target = view.getUint16(at + offsetsAt, LITTLE_ENDIAN);
    const next = view.getUint16(at + offsetsAt + 2, LITTLE_ENDIAN);
    if (target < matchesAt || next < target + EXTENSION.dataAt || at + next > view.byteLength)
      throw new MalformedMessage('an entry with an invalid offset', at);
    for (let match = at + matchesAt; match < at + target;) {
      if (extensionTracks('match', nameAt(view, match), dataOf(view, match))) return true;
      match += Math.max(EXTENSION.dataAt, view.getUint16(match, LITTLE_ENDIAN));
    }
    if (extensionTracks('target', nameAt(view, at + target), dataOf(view, at + target))) return true;
    at += next;
  }
  return false;
}

function nameAt(view: DataView, at: number): string {
  return Buffer.from(octets(view, at + EXTENSION.nameAt, at + EXTENSION.dataAt - 1))
    .toString('latin1')
    .replace(/\0.*$/s, '');
}

function dataOf(view: DataView, at: number): Uint8Array {
  return octets(view, at + EXTENSION.dataAt, at + view.getUint16(at, LITTLE_ENDIAN));
}

/** Fewer if the view is shorter. */
function octets(view: DataView, from: number, end: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).subarray(from, end);
}
