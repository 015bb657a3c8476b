import { isIP, SocketAddress } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from '../../../../src/domain/filter/address.ts';
import { parseNetwork } from '../../../../src/domain/filter/network.ts';

describe('addresses', () => {
  it('are accepted as the system accepts them, except zone indexes', () => {
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

  it('are formatted as the system formats them', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const octets = parseAddress(text) ?? new Uint8Array(0);
        const { address } = new SocketAddress({ address: text, family: octets.length === 4 ? 'ipv4' : 'ipv6' });
        // inet_ntop writes the deprecated IPv4-compatible ::1.2.3.4 with dots; RFC 5952 does not ask for it.
        if (!address.includes('.') || octets.length === 4 || address.startsWith('::ffff:')) expect(formatAddress(octets)).toBe(address);
        expect(parseAddress(formatAddress(octets))).toEqual(octets);
      }),
      { numRuns: 2_000 },
    );
  });
});

it.each(['1:2:3:4:5:6:7:8::', '1:2:3:4:5:6:7::8', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7'])('%s is not an address', (text) => {
  expect(parseAddress(text)).toBeUndefined();
});

describe('networks', () => {
  it.each([
    ['192.0.2.7', { family: 'ipv4', address: '192.0.2.7', prefixLength: 32 }],
    ['192.0.2.7/0', { family: 'ipv4', address: '0.0.0.0', prefixLength: 0 }],
    ['192.0.2.255/25', { family: 'ipv4', address: '192.0.2.128', prefixLength: 25 }],
    ['::1', { family: 'ipv6', address: '::1', prefixLength: 128 }],
    ['2001:db8:ffff::1/40', { family: 'ipv6', address: '2001:db8:ff00::', prefixLength: 40 }],
    ['::ffff:10.0.0.1', { family: 'ipv6', address: '::ffff:10.0.0.1', prefixLength: 128 }],
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
    '::1/129',
    'fe80::1%eth0',
    ' ::1',
    '1.2.3.4::',
  ])('refuses %j', (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });
});
