import { isIP, SocketAddress } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from '../../../../src/domain/filter/address.ts';
import { parseNetwork } from '../../../../src/domain/filter/network.ts';

describe('addresses', () => {
  it('are the texts that the system accepts, without zone indexes', () => {
    const part = fc.constantFrom('0', '1', 'db8', 'ffff', '12345', '::', ':', '.', '10.0.0.1', '256', '01', 'g', '');
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.array(part, { maxLength: 9 }).map((parts) => parts.join(':')),
      fc.array(part).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (any) => {
        expect(parseAddress(any)?.length ?? 0).toBe({ 0: 0, 4: 4, 6: 16 }[isIP(any)]);
      }),
      { numRuns: 5_000 },
    );
  });

  it('are written as inet_ntop(3) writes them', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const octets = parseAddress(text) ?? new Uint8Array(0);
        const { address } = new SocketAddress({ address: text, family: octets.length === 4 ? 'ipv4' : 'ipv6' });
        expect(formatAddress(octets)).toBe(address);
        expect(parseAddress(formatAddress(octets))).toEqual(octets);
      }),
      { numRuns: 2_000 },
    );
  });
});

it.each([
  ...['', '1.2.3', '1.2.3.4.5', '256.0.0.1', '01.2.3.4', '1.2.3.4/8', '.1.2.3', '1.2.3.', '1..2.3'],
  ...['1:2:3:4:5:6:7:8::', '1:2:3:4:5:6:7::8', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7', '1:2:3', '1::2::3', '1:2:3:4:5:6:7:'],
  ...[':', ':::', '12345::', '::12345', 'fe80::1%eth0', '2001:db8::1/64', '1:2:3:4:5:6:7:1.2.3.4', '::1.2.3.4:5', '::1.2.3'],
])('%j is not an address', (text) => {
  expect(parseAddress(text)).toBeUndefined();
});

describe('the canonical form of RFC 5952', () => {
  it.each([
    ['0:0:0:0:0:0:0:0', '::'],
    ['0000:0000:0000:0000:0000:0000:0000:0001', '::1'],
    ['2001:0DB8:0000:0000:0000:0000:0000:0010', '2001:db8::10'],
    ['2001:DB8::A', '2001:db8::a'],
    ['2001:0db8:0000:0001:0000:0000:0000:0053', '2001:db8:0:1::53'],
    ['2001:0db8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
    ['2001:0db8:0000:0001:0001:0001:0001:0001', '2001:db8:0:1:1:1:1:1'],
    ['fe80:0000:0000:0000:0000:0000:0000:0000', 'fe80::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['1:2:3:4:5:6:0:0', '1:2:3:4:5:6::'],
    ['0000:0000:0000:0000:0000:ffff:c000:0201', '::ffff:192.0.2.1'],
    ['::FFFF:192.0.2.1', '::ffff:192.0.2.1'],
    ['::192.0.2.1', '::192.0.2.1'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
  ])('of %s is %s', (text, canonical) => {
    expect(formatAddress(parseAddress(text) ?? new Uint8Array(16))).toBe(canonical);
  });

  it('is the same for every way to write an address', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const octets = parseAddress(text) ?? new Uint8Array(0);
        const uncompressed = Buffer.from(octets).toString('hex').match(/.{4}/g)?.join(':') ?? '';
        expect(new URL(`http://[${uncompressed}]`).hostname).toBe(new URL(`http://[${text}]`).hostname);
        expect(parseAddress(uncompressed)).toEqual(octets);
        expect(formatAddress(parseAddress(uncompressed) ?? new Uint8Array(0))).toBe(formatAddress(octets));
      }),
    );
  });
});

describe('networks', () => {
  it.each([
    ['192.0.2.7', { family: 'ipv4', address: '192.0.2.7', prefixLength: 32 }],
    ['192.0.2.7/0', { family: 'ipv4', address: '0.0.0.0', prefixLength: 0 }],
    ['192.0.2.255/25', { family: 'ipv4', address: '192.0.2.128', prefixLength: 25 }],
    ['::1', { family: 'ipv6', address: '::1', prefixLength: 128 }],
    ['2001:db8:ffff::1/40', { family: 'ipv6', address: '2001:db8:ff00::', prefixLength: 40 }],
    ['::ffff:10.0.0.1', { family: 'ipv6', address: '::ffff:10.0.0.1', prefixLength: 128 }],
    ['10.9.8.7/255.255.240.0', { family: 'ipv4', address: '10.9.0.0', prefixLength: 20 }],
    ['10.9.8.7/0.0.0.0', { family: 'ipv4', address: '0.0.0.0', prefixLength: 0 }],
    ['10.9.8.7/255.0.0.255', { family: 'ipv4', address: '10.0.0.7', prefixLength: 8, mask: '255.0.0.255' }],
    ['10.9.8.7/255.224.255.255', { family: 'ipv4', address: '10.0.8.7', prefixLength: 11, mask: '255.224.255.255' }],
    ['10.9.8.7/0.0.0.1', { family: 'ipv4', address: '0.0.0.1', prefixLength: 0, mask: '0.0.0.1' }],
    ['2001:db8::5/ffff::', { family: 'ipv6', address: '2001::', prefixLength: 16 }],
    ['2001:db8::5/ffff::f', { family: 'ipv6', address: '2001::5', prefixLength: 16, mask: 'ffff::f' }],
  ])('reads %s', (text, expected) => {
    expect(parseNetwork(text)).toEqual(expected);
  });

  it.each([
    '',
    '10.0.0',
    '010.0.0.1',
    '10.0.0.1/33',
    '10.0.0.1/',
    '10.0.0.1/8/8',
    '10.0.0.1/08',
    '10.0.0.1/255.255.255',
    '10.0.0.1/::',
    '::1/255.0.0.0',
    '::1/255.0.0.0/8',
    '::1/129',
    'fe80::1%eth0',
    ' ::1',
    '1.2.3.4::',
  ])('refuses %j', (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });
});
