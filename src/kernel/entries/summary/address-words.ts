import { AF_INET, type EntryView } from '../entry-view.ts';
import { addressText } from '../ip-text.ts';

/** 32-bit words of an address; the last three words of an IPv4 address are 0. */
export const ADDRESS_WORDS = 4;

/** Copies the address that begins at `from` in the view's bytes to `key`, from word `to` on. */
export function readAddress(view: EntryView, from: number, key: Int32Array, to: number): void {
  const { bytes } = view;
  key[to] = wordAt(bytes, from);
  if (view.family === AF_INET) {
    key[to + 1] = 0;
    key[to + 2] = 0;
    key[to + 3] = 0;
  } else {
    key[to + 1] = wordAt(bytes, from + 4);
    key[to + 2] = wordAt(bytes, from + 8);
    key[to + 3] = wordAt(bytes, from + 12);
  }
}

/** The address whose words begin at word `from`, as text. */
export function wordsText(family: number, word: (at: number) => number, from: number): string {
  const octets = new Uint8Array(4 * ADDRESS_WORDS);
  const view = new DataView(octets.buffer);
  for (let at = 0; at < ADDRESS_WORDS; at += 1) view.setInt32(4 * at, word(from + at));
  return addressText(family, octets, 0);
}

function wordAt(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16);
  return high | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
}
