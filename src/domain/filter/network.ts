import type { Network } from '../entry.ts';
import { formatAddress, parseAddress } from './address.ts';

const PREFIX = /^(?:0|[1-9]\d{0,2})$/;

/**
 * `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`, or with a mask, which need not be a prefix: `10.0.0.7/255.0.0.255`. Bits of the address that do
 * not count are cleared.
 */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', bits, ...rest] = text.split('/');
  const octets = parseAddress(address);
  if (octets === undefined || rest.length > 0) return undefined;
  const mask = parseMask(bits ?? String(octets.length * 8), octets.length);
  if (mask === undefined) return undefined;
  const prefixLength = leadingOnes(mask);
  const isPrefix = mask.every((octet, index) => octet === prefixOctet(prefixLength, index));
  return {
    family: octets.length === 4 ? 'ipv4' : 'ipv6',
    address: formatAddress(octets.map((octet, index) => octet & (mask[index] as number))),
    prefixLength,
    ...(!isPrefix && { mask: formatAddress(mask) }),
  };
}

/** A network of one address is written as an address. */
export function formatNetwork({ family, address, prefixLength, mask }: Network): string {
  return prefixLength === bitsOf(family) ? address : `${address}/${mask ?? String(prefixLength)}`;
}

export function bitsOf(family: Network['family']): number {
  return family === 'ipv4' ? 32 : 128;
}

/**
 * The bits of a network's address that count, and their mask: 4 or 16 octets each.
 *
 * @throws RangeError if its address or its mask is not valid
 */
export function networkOctets({ address, prefixLength, mask }: Network): { readonly octets: Uint8Array; readonly mask: Uint8Array } {
  const octets = parseAddress(address);
  if (octets === undefined) throw new RangeError(`not an address: ${address}`);
  const bits = parseMask(mask ?? String(prefixLength), octets.length);
  if (bits === undefined) throw new RangeError(`not a mask of ${address}: ${mask ?? String(prefixLength)}`);
  return { octets: octets.map((octet, index) => octet & (bits[index] as number)), mask: bits };
}

/** @param text the length of a prefix, or an address of the same family */
function parseMask(text: string, length: number): Uint8Array | undefined {
  if (!PREFIX.test(text)) {
    const mask = parseAddress(text);
    return mask?.length === length ? mask : undefined;
  }
  const prefixLength = Number(text);
  return prefixLength > length * 8 ? undefined : new Uint8Array(length).map((_, index) => prefixOctet(prefixLength, index));
}

function prefixOctet(prefixLength: number, index: number): number {
  return (0xff00 >> Math.min(8, Math.max(0, prefixLength - index * 8))) & 0xff;
}

function leadingOnes(mask: Uint8Array): number {
  const partial = mask.findIndex((octet) => octet !== 0xff);
  return partial === -1 ? mask.length * 8 : partial * 8 + Math.clz32(~((mask[partial] as number) << 24));
}
