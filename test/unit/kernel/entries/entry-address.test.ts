import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../../src/domain/filter/address.ts';
import { ByteWriter, OVERSHOOT_BYTES } from '../../../../src/kernel/entries/byte-writer.ts';
import { AF_INET, AF_INET6 } from '../../../../src/kernel/entries/entry-view.ts';
import { addressText, writeAddress } from '../../../../src/kernel/entries/ip-text.ts';
import { arbitraryAddress } from '../../../support/arbitrary-entry.ts';

/** The address in the middle of a buffer of other octets, as in a netlink message. */
function inMessage(text: string): Uint8Array {
  const bytes = new Uint8Array(20).fill(0xee);
  bytes.set(parseAddress(text) ?? [], 2);
  return bytes;
}

function written(family: number, text: string): string {
  const out = new ByteWriter(new Uint8Array(64 + OVERSHOOT_BYTES));
  out.ascii('dst=');
  writeAddress(family, inMessage(text), 2, out);
  return Buffer.from(out.bytes.buffer).toString('latin1', 0, out.at);
}

describe('an address of an entry', () => {
  it('is written as inet_ntop(3) writes it', () => {
    fc.assert(
      fc.property(arbitraryAddress('ipv4'), (text) => {
        expect(addressText(AF_INET, inMessage(text), 2)).toBe(text);
        expect(written(AF_INET, text)).toBe(`dst=${text}`);
      }),
    );
    fc.assert(
      fc.property(arbitraryAddress('ipv6'), (text) => {
        expect(addressText(AF_INET6, inMessage(text), 2)).toBe(text);
        expect(written(AF_INET6, text)).toBe(`dst=${text}`);
      }),
    );
  });
});
