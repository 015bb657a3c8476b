import { ByteWriter, OVERSHOOT_BYTES } from './byte-writer.ts';
import { AF_INET } from './entry-view.ts';

const IPV4_BYTES = 4;
const IPV6_BYTES = 16;
const TEXT_BYTES_MAX = 45;

export function addressBytes(family: number): number {
  return family === AF_INET ? IPV4_BYTES : IPV6_BYTES;
}

/** In the form of inet_ntop(3). @param at where the address begins in `bytes` */
export function writeAddress(family: number, bytes: Uint8Array, at: number, out: ByteWriter): void {
  if (family === AF_INET) out.ipv4(bytes, at);
  else out.ipv6(bytes, at);
}

/** The same as text. */
export function addressText(family: number, bytes: Uint8Array, at: number): string {
  const out = new ByteWriter(new Uint8Array(TEXT_BYTES_MAX + OVERSHOOT_BYTES));
  writeAddress(family, bytes, at, out);
  return Buffer.from(out.bytes.buffer).toString('latin1', 0, out.at);
}

/** The reverse, for a text that is known to be an address of the family: IPv6 in any of its forms. */
export function putAddress(family: number, text: string, bytes: Uint8Array, at: number): void {
  if (family === AF_INET) putIpv4(text, bytes, at);
  else putIpv6(text, bytes, at);
}

function putIpv4(text: string, bytes: Uint8Array, at: number): void {
  const octets = text.split('.');
  for (let index = 0; index < IPV4_BYTES; index += 1) bytes[at + index] = Number(octets[index]);
}

function putIpv6(text: string, bytes: Uint8Array, at: number): void {
  const [head = '', tail] = text.split('::');
  bytes.fill(0, at, at + IPV6_BYTES);
  putGroups(head, bytes, at);
  if (tail === undefined) return;
  const length = 2 * groupsOf(tail).length + (tail.includes('.') ? 2 : 0);
  putGroups(tail, bytes, at + IPV6_BYTES - length);
}

/** The groups on one side of `::`; the last may be an IPv4 address. */
function putGroups(side: string, bytes: Uint8Array, at: number): void {
  let place = at;
  for (const group of groupsOf(side)) {
    if (group.includes('.')) putIpv4(group, bytes, place);
    else {
      const value = Number.parseInt(group, 16);
      bytes[place] = value >>> 8;
      bytes[place + 1] = value & 0xff;
    }
    place += 2;
  }
}

function groupsOf(side: string): readonly string[] {
  return side === '' ? [] : side.split(':');
}
