import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AF_INET, AF_INET6 } from '../../../../src/kernel/entries/entry-view.ts';
import { addressText, putAddress } from '../../../../src/kernel/entries/ip-text.ts';
import { arbitraryAddress } from '../../../support/arbitrary-entry.ts';

function rewritten(family: number, text: string): string {
  const bytes = new Uint8Array(20).fill(0xee);
  putAddress(family, text, bytes, 2);
  return addressText(family, bytes, 2);
}

describe('an address as text', () => {
  it('is read and written as inet_ntop(3) does it', () => {
    fc.assert(
      fc.property(arbitraryAddress('ipv4'), (text) => {
        expect(rewritten(AF_INET, text)).toBe(text);
      }),
    );
    fc.assert(
      fc.property(arbitraryAddress('ipv6'), (text) => {
        expect(rewritten(AF_INET6, text)).toBe(text);
      }),
    );
  });

  it.each([
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:0DB8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['1:2:3:4:5:6:0:0', '1:2:3:4:5:6::'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['::192.0.2.1', '::192.0.2.1'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
  ])('makes %s %s', (text, canonical) => {
    expect(rewritten(AF_INET6, text)).toBe(canonical);
  });
});
