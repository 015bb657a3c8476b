import { isIPv4, isIPv6 } from 'node:net';
import type { Family } from '../../domain/entry.ts';

const UNCOMPRESSED = /^(?:[0-9a-f]{4}:){7}[0-9a-f]{4}$/;

/** An address as 8 or 32 lower-case hexadecimal digits, so that text order is numeric order; `undefined` if it is malformed. */
export function addressHex(family: Family, text: string): string | undefined {
  return family === 'ipv4' ? ipv4Hex(text) : ipv6Hex(text);
}

/** The reverse of `addressHex`, in the canonical form of RFC 5952. */
export function addressText(hex: string): string {
  return hex.length === 8 ? ipv4Text(hex) : ipv6Text(hex);
}

function ipv4Hex(text: string): string | undefined {
  if (!isIPv4(text)) return undefined;
  return text
    .split('.')
    .map((octet) => Number(octet).toString(16).padStart(2, '0'))
    .join('');
}

function ipv4Text(hex: string): string {
  return [0, 2, 4, 6].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.');
}

function ipv6Hex(text: string): string | undefined {
  // Fast path: the form of all addresses in a dump of the kernel.
  if (UNCOMPRESSED.test(text)) return text.replaceAll(':', '');
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const [head = '', tail] = text.toLowerCase().split('::');
  const before = groupsHex(head);
  return tail === undefined ? before : before + groupsHex(tail).padStart(32 - before.length, '0');
}

/** Groups on one side of `::`. The last one may be an IPv4 address. */
function groupsHex(side: string): string {
  if (side === '') return '';
  return side
    .split(':')
    .map((group) => (group.includes('.') ? (ipv4Hex(group) ?? '') : group.padStart(4, '0')))
    .join('');
}

const MAPPED_IPV4 = `${'0'.repeat(20)}ffff`;

function ipv6Text(hex: string): string {
  if (hex.startsWith(MAPPED_IPV4)) return `::ffff:${ipv4Text(hex.slice(24))}`;
  const groups = Array.from({ length: 8 }, (_, index) => Number.parseInt(hex.slice(index * 4, index * 4 + 4), 16));
  const { start, length } = longestZeroRun(groups);
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  return length < 2 ? text(groups) : `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

/** The first of the longest runs. */
function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let longest = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > longest.length) longest = { start, length: index + 1 - start };
  }
  return longest;
}
