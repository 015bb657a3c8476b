import type { Network } from '../entry.ts';
import { formatAddress, parseAddress } from './address.ts';

const PREFIX = /^(?:0|[1-9]\d{0,2})$/;

/** `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`. Bits beyond the prefix are cleared. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', prefix, ...rest] = text.split('/');
  const octets = parseAddress(address);
  if (octets === undefined || rest.length > 0 || (prefix !== undefined && !PREFIX.test(prefix))) return undefined;
  const prefixLength = prefix === undefined ? octets.length * 8 : Number(prefix);
  if (prefixLength > octets.length * 8) return undefined;
  return { family: octets.length === 4 ? 'ipv4' : 'ipv6', address: formatAddress(masked(octets, prefixLength)), prefixLength };
}

/** A network of one address is written as an address. */
export function formatNetwork({ family, address, prefixLength }: Network): string {
  return prefixLength === bitsOf(family) ? address : `${address}/${String(prefixLength)}`;
}

export function bitsOf(family: Network['family']): number {
  return family === 'ipv4' ? 32 : 128;
}

/**
 * The first address of a network, 4 or 16 octets.
 *
 * @throws RangeError if its address is not valid
 */
export function networkOctets({ address, prefixLength }: Network): Uint8Array {
  const octets = parseAddress(address);
  if (octets === undefined) throw new RangeError(`not an address: ${address}`);
  return masked(octets, prefixLength);
}

function masked(octets: Uint8Array, prefixLength: number): Uint8Array {
  return octets.map((octet, index) => octet & (0xff00 >> Math.min(8, Math.max(0, prefixLength - index * 8))));
}
