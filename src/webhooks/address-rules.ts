import { BlockList, isIP, isIPv6 } from 'node:net';

/** IPv4 networks that no webhook reaches, with what they are. They also cover IPv4-mapped, IPv4-compatible and NAT64 forms. */
const REFUSED_IPV4: readonly (readonly [network: string, prefix: number, what: string])[] = [
  ['0.0.0.0', 8, 'an unspecified address'],
  ['127.0.0.0', 8, 'a loopback address'],
  ['169.254.0.0', 16, 'a link-local address'],
  ['100.100.100.200', 32, 'the address of a metadata service'],
  ['224.0.0.0', 4, 'a multicast address'],
  ['240.0.0.0', 4, 'a reserved address'],
];

const REFUSED_IPV6: readonly (readonly [network: string, prefix: number, what: string])[] = [
  ['::', 128, 'an unspecified address'],
  ['::1', 128, 'a loopback address'],
  ['fe80::', 10, 'a link-local address'],
  ['fec0::', 10, 'a site-local address'],
  ['fd00:ec2::254', 128, 'the address of a metadata service'],
  ['fd20:ce::254', 128, 'the address of a metadata service'],
  ['ff00::', 8, 'a multicast address'],
  // They contain an IPv4 address, which a gateway may use.
  ['64:ff9b:1::', 48, 'a local NAT64 address'],
  ['2001::', 32, 'a Teredo address'],
  ['2002::', 16, 'a 6to4 address'],
];

const RULES = [
  ...REFUSED_IPV4.map(([network, prefix, what]) => ({ list: listOf(network, prefix, 'ipv4'), what })),
  ...REFUSED_IPV6.map(([network, prefix, what]) => ({ list: listOf(network, prefix, 'ipv6'), what })),
];

/** `::a.b.c.d`, `::ffff:a.b.c.d`, `::ffff:0:a.b.c.d` and `64:ff9b::a.b.c.d`, as eight groups. */
const WITH_IPV4 = [
  /^0:0:0:0:0:0:(\w+):(\w+)$/,
  /^0:0:0:0:0:ffff:(\w+):(\w+)$/,
  /^0:0:0:0:ffff:0:(\w+):(\w+)$/,
  /^64:ff9b:0:0:0:0:(\w+):(\w+)$/,
];

/** Why no request may go to this IP address: `a loopback address`; `undefined` if it may. */
export function whyRefused(address: string): string | undefined {
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  const own = RULES.find(({ list }) => list.check(address, family))?.what;
  const embedded = family === 'ipv6' ? ipv4In(address) : undefined;
  return own ?? (embedded === undefined ? undefined : whyRefused(embedded));
}

/** Like {@link whyRefused}, for the host name of a parsed URL, whose addresses are normalised. A name other than `localhost` passes. */
export function whyHostRefused(hostname: string): string | undefined {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) > 0) return whyRefused(host);
  return /(^|\.)localhost\.?$/i.test(host) ? 'a name of this host' : undefined;
}

function listOf(network: string, prefix: number, family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  list.addSubnet(network, prefix, family);
  return list;
}

function ipv4In(address: string): string | undefined {
  const groups = groupsOf(address);
  for (const form of WITH_IPV4) {
    const [, high, low] = form.exec(groups) ?? [];
    if (high === undefined || low === undefined) continue;
    return [high, low].flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]).join('.');
  }
  return undefined;
}

/** The eight groups of an IPv6 address, without leading zeros and without its zone. */
function groupsOf(address: string): string {
  const { hostname } = new URL(`http://[${address.replace(/%.*$/, '')}]`);
  const [head = '', tail] = hostname.slice(1, -1).split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0');
  return [...first, ...zeros, ...last].join(':');
}
