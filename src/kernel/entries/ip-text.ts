import { formatAddress } from '../../domain/filter/address.ts';
import type { ByteWriter } from './byte-writer.ts';
import { AF_INET } from './entry-view.ts';

const IPV4_BYTES = 4;
const IPV6_BYTES = 16;

export function addressBytes(family: number): number {
  return family === AF_INET ? IPV4_BYTES : IPV6_BYTES;
}

/** In the form of inet_ntop(3). @param at where the address begins in `bytes` */
export function writeAddress(family: number, bytes: Uint8Array, at: number, out: ByteWriter): void {
  if (family === AF_INET) out.ipv4(bytes, at);
  else out.ipv6(bytes, at);
}

/** The same as a string. */
export function addressText(family: number, bytes: Uint8Array, at: number): string {
  return formatAddress(bytes.subarray(at, at + addressBytes(family)));
}
