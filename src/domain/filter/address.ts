const OCTET = /^(?:0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9a-f]{1,4}$/i;
const GROUPS = 8;

/** 4 or 16 octets in network byte order; `undefined` if the text is not an address (octal and zone indexes are not accepted). */
export function parseAddress(text: string): Uint8Array | undefined {
  const octets = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  return octets === undefined ? undefined : Uint8Array.from(octets);
}

/** The inverse; IPv6 in the canonical form of RFC 5952. */
export function formatAddress(octets: Uint8Array): string {
  return octets.length === 4 ? octets.join('.') : formatIpv6(octets);
}

function parseIpv4(text: string): readonly number[] | undefined {
  const parts = text.split('.');
  const octets = parts.map(Number);
  return parts.length === 4 && parts.every((part) => OCTET.test(part)) && octets.every((octet) => octet <= 255) ? octets : undefined;
}

function parseIpv6(text: string): readonly number[] | undefined {
  const [head = '', tail, ...rest] = withoutDots(text).split('::');
  const before = parseGroups(head);
  const after = parseGroups(tail ?? '');
  if (before === undefined || after === undefined || rest.length > 0) return undefined;
  const missing = GROUPS - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  return [...before, ...Array.from({ length: missing }, () => 0), ...after].flatMap((group) => [group >> 8, group & 0xff]);
}

/** Replaces a trailing IPv4 address by two groups. */
function withoutDots(text: string): string {
  const last = text.lastIndexOf(':') + 1;
  const [a, b, c, d] = parseIpv4(text.slice(last)) ?? [];
  if (a === undefined || b === undefined || c === undefined || d === undefined) return text;
  return `${text.slice(0, last)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

/** Groups on one side of `::`. */
function parseGroups(side: string): readonly number[] | undefined {
  const parts = side === '' ? [] : side.split(':');
  return parts.every((part) => GROUP.test(part)) ? parts.map((part) => Number.parseInt(part, 16)) : undefined;
}

function formatIpv6(octets: Uint8Array): string {
  const groups = Array.from({ length: GROUPS }, (_, at) => ((octets[at * 2] ?? 0) << 8) | (octets[at * 2 + 1] ?? 0));
  if (groups.slice(0, 6).join() === '0,0,0,0,0,65535') return `::ffff:${octets.slice(12).join('.')}`;
  const { start, length } = longestZeroRun(groups);
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  return length < 2 ? text(groups) : `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

/** The first of the longest. */
function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let longest = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > longest.length) longest = { start, length: index + 1 - start };
  }
  return longest;
}
