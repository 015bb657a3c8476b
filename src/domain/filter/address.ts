const GROUPS = 8;
const IPV4_OCTETS = 4;
const IPV6_OCTETS = 16;
/** No value yet, no gap. */
const NONE = -1;
const DOT = 0x2e;
const COLON = 0x3a;
const HEX = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
/** Characters of the longest IPv6 address. */
const IPV6_TEXT_MAX = 39;
/** Used again by each call, because allocating a typed array costs more than the formatting. */
const SCRATCH = new Uint8Array(IPV6_TEXT_MAX);

/** 4 octets or 16, network byte order; `undefined` if the text is not an address. Octal octets and zone indexes are not accepted. */
export function parseAddress(text: string): Uint8Array | undefined {
  if (text.includes(':')) return parseIpv6(text);
  const octets = new Uint8Array(IPV4_OCTETS);
  return readDotted(text, 0, octets, 0) ? octets : undefined;
}

/** The reverse of `parseAddress`, IPv6 as `writeIpv6` writes it. */
export function formatAddress(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.');
  const length = writeIpv6(octets, 0, SCRATCH, 0);
  let text = '';
  for (let index = 0; index < length; index += 1) text += String.fromCharCode(SCRATCH[index] as number);
  return text;
}

/** Reads a dotted IPv4 address that begins at `from` and ends with the text. */
function readDotted(text: string, from: number, octets: Uint8Array, at: number): boolean {
  let place = at;
  let value = NONE;
  for (let index = from; index <= text.length; index += 1) {
    const code = index === text.length ? DOT : text.charCodeAt(index);
    if (code === DOT) {
      if (value === NONE || place === at + IPV4_OCTETS) return false;
      octets[place++] = value;
      value = NONE;
    } else {
      const digit = digitOf(code);
      // A digit after a leading 0 would be octal.
      if (digit > 9 || value === 0) return false;
      value = value === NONE ? digit : value * 10 + digit;
      if (value > 0xff) return false;
    }
  }
  return place === at + IPV4_OCTETS;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const octets = new Uint8Array(IPV6_OCTETS);
  let gap = text.startsWith('::') ? 0 : NONE;
  let index = gap === NONE ? 0 : 2;
  let place = 0;
  while (index < text.length) {
    const start = index;
    let value = 0;
    for (let digit = digitOf(text.charCodeAt(index)); digit < 16; digit = digitOf(text.charCodeAt(index))) {
      value = value * 16 + digit;
      index += 1;
    }
    if (text.charCodeAt(index) === DOT) {
      if (place > IPV6_OCTETS - IPV4_OCTETS || !readDotted(text, start, octets, place)) return undefined;
      place += IPV4_OCTETS;
      break;
    }
    if (index === start || index > start + 4 || place === IPV6_OCTETS) return undefined;
    octets[place++] = value >>> 8;
    octets[place++] = value & 0xff;
    if (index === text.length) break;
    if (text.charCodeAt(index) !== COLON || index + 1 === text.length) return undefined;
    index += 1;
    if (text.charCodeAt(index) !== COLON) continue;
    if (gap !== NONE) return undefined;
    gap = place;
    index += 1;
  }
  return gap === NONE ? whole(octets, place) : withGap(octets, gap, place);
}

function whole(octets: Uint8Array, length: number): Uint8Array | undefined {
  return length === IPV6_OCTETS ? octets : undefined;
}

/** Fills the gap that `::` stands for, at least one group, with zeros. */
function withGap(octets: Uint8Array, gap: number, length: number): Uint8Array | undefined {
  if (length === IPV6_OCTETS) return undefined;
  const after = IPV6_OCTETS - (length - gap);
  octets.copyWithin(after, gap, length);
  return octets.fill(0, gap, after);
}

/** The value of a hexadecimal digit; 16 for any other character and behind the end of the text. */
function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : 16;
}

/**
 * Writes an IPv6 address as ASCII in the canonical form of RFC 5952, as inet_ntop(3) does: the longest run of zero groups shortened, the first
 * of equal runs, an embedded IPv4 address dotted. Allocates nothing: dumps call it for each address.
 *
 * @param source holds 16 octets in network byte order from `from`
 * @param target has room for 39 characters from `at`
 * @returns the place behind the last character
 */
export function writeIpv6(source: Uint8Array, from: number, target: Uint8Array, at: number): number {
  let [runAt, runLength, zeros] = [-1, 1, 0];
  for (let group = 0; group < GROUPS; group += 1) {
    zeros = (source[from + 2 * group] as number) | (source[from + 2 * group + 1] as number) ? 0 : zeros + 1;
    if (zeros > runLength) [runAt, runLength] = [group - zeros + 1, zeros];
  }
  let end = at;
  for (let group = 0; group < GROUPS; group += 1) {
    if (group === runAt) {
      target[end++] = COLON;
      target[end++] = COLON;
      group += runLength - 1;
      continue;
    }
    if (group > 0 && group !== runAt + runLength) target[end++] = COLON;
    if (group === 6 && runAt === 0 && (runLength === 6 || (runLength === 5 && isMapped(source, from)))) {
      return writeDotted(source, from + 12, target, end);
    }
    const value = ((source[from + 2 * group] as number) << 8) | (source[from + 2 * group + 1] as number);
    if (value >= 0x1000) target[end++] = HEX[value >>> 12] as number;
    if (value >= 0x100) target[end++] = HEX[(value >>> 8) & 15] as number;
    if (value >= 0x10) target[end++] = HEX[(value >>> 4) & 15] as number;
    target[end++] = HEX[value & 15] as number;
  }
  return end;
}

function isMapped(source: Uint8Array, from: number): boolean {
  return source[from + 10] === 0xff && source[from + 11] === 0xff;
}

function writeDotted(source: Uint8Array, from: number, target: Uint8Array, at: number): number {
  const text = source.subarray(from, from + 4).join('.');
  for (let index = 0; index < text.length; index += 1) target[at + index] = text.charCodeAt(index);
  return at + text.length;
}
