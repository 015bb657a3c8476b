import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressHex, addressText } from '../../../src/kernel/procfs/ip-address.ts';

describe('an IPv4 address', () => {
  it('is unchanged after conversion to hexadecimal digits and back', () => {
    fc.assert(fc.property(fc.ipV4(), (address) => addressText(addressHex('ipv4', address) ?? '') === address));
  });

  it.each(['', '1.2.3', '1.2.3.4.5', '256.0.0.1', '01.2.3.4', '1.2.3.4/8', '2001:db8::1'])('rejects %j', (text) => {
    expect(addressHex('ipv4', text)).toBeUndefined();
  });
});

describe('an IPv6 address', () => {
  it.each([
    ['2001:0db8:0000:0000:0000:0000:0000:0010', '2001:db8::10'],
    ['2001:0db8:0000:0001:0000:0000:0000:0053', '2001:db8:0:1::53'],
    ['2001:0db8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
    ['2001:0db8:0000:0001:0001:0001:0001:0001', '2001:db8:0:1:1:1:1:1'],
    ['0000:0000:0000:0000:0000:0000:0000:0000', '::'],
    ['0000:0000:0000:0000:0000:0000:0000:0001', '::1'],
    ['fe80:0000:0000:0000:0000:0000:0000:0000', 'fe80::'],
    ['0000:0000:0000:0000:0000:ffff:c000:0201', '::ffff:192.0.2.1'],
    ['::FFFF:192.0.2.1', '::ffff:192.0.2.1'],
    ['2001:DB8::A', '2001:db8::a'],
  ])('%s is formatted as %s', (text, canonical) => {
    expect(addressText(addressHex('ipv6', text) ?? '')).toBe(canonical);
  });

  it('has the same digits in every notation', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const hex = addressHex('ipv6', text) ?? '';
        const uncompressed = hex.match(/.{4}/g)?.join(':') ?? '';
        expect(new URL(`http://[${uncompressed}]`).hostname).toBe(new URL(`http://[${text}]`).hostname);
        expect(addressHex('ipv6', addressText(hex))).toBe(hex);
      }),
    );
  });

  it.each(['', ':', ':::', '1:2:3', 'fe80::1%eth0', '2001:db8::1/64', '12345::', '192.0.2.1'])('rejects %j', (text) => {
    expect(addressHex('ipv6', text)).toBeUndefined();
  });
});
