import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry, EntryFilter, Family, Network } from '../../../src/domain/entry.ts';
import { entryMatcher } from '../../../src/kernel/procfs/entry-match.ts';
import { addressHex, addressText } from '../../../src/kernel/procfs/ip-address.ts';

const ENTRY: Entry = {
  id: '0406',
  family: 'ipv4',
  protocol: 'tcp',
  protocolNumber: 6,
  state: 'ESTABLISHED',
  timeoutSeconds: 10,
  status: ['CONFIRMED'],
  original: { source: '192.0.2.10', destination: '198.51.100.20', sourcePort: 40_001, destinationPort: 443 },
  reply: { source: '198.51.100.20', destination: '203.0.113.1', sourcePort: 443, destinationPort: 40_001 },
  mark: 42,
};

const network = (address: string, prefixLength: number, family: Family = 'ipv4'): Network => ({ family, address, prefixLength });

describe('a filter', () => {
  it.each<[string, EntryFilter]>([
    ['nothing', {}],
    ['family', { family: 'ipv4' }],
    ['protocol by name', { protocol: 'tcp' }],
    ['protocol by number', { protocol: '6' }],
    ['state in any case', { state: 'established' }],
    ['source', { source: network('192.0.2.10', 32) }],
    ['source network', { source: network('192.0.2.99', 24) }],
    ['every address', { source: network('0.0.0.0', 0) }],
    ['destination', { destination: network('198.51.100.20', 32) }],
    ['ports', { sourcePort: 40_001, destinationPort: 443 }],
    ['mark', { mark: 42 }],
  ])('takes an entry by %s', (_, filter) => {
    expect(entryMatcher(filter)(ENTRY)).toBe(true);
  });

  it.each<[string, EntryFilter]>([
    ['family', { family: 'ipv6' }],
    ['protocol', { protocol: 'udp' }],
    ['protocol number', { protocol: '17' }],
    ['state', { state: 'TIME_WAIT' }],
    ['source', { source: network('192.0.2.11', 32) }],
    ['source network', { source: network('192.0.3.0', 24) }],
    ['every address of the other family', { source: network('::', 0, 'ipv6') }],
    ['an address of the reply direction', { destination: network('203.0.113.1', 32) }],
    ['a port of the reply direction', { sourcePort: 443 }],
    ['mark', { mark: 0 }],
    ['one part of two', { protocol: 'tcp', mark: 0 }],
  ])('leaves an entry by another %s', (_, filter) => {
    expect(entryMatcher(filter)(ENTRY)).toBe(false);
  });

  it('takes no entry by a state, port or mark that it does not have', () => {
    const { state, mark, ...bare } = ENTRY;
    const entry = { ...bare, original: { source: '192.0.2.10', destination: '198.51.100.20' } };
    expect([state, mark]).toEqual(['ESTABLISHED', 42]);
    expect([{ state: 'ESTABLISHED' }, { mark: 0 }, { sourcePort: 0 }].map((filter) => entryMatcher(filter)(entry))).toEqual([
      false,
      false,
      false,
    ]);
  });

  it.each<[Family, fc.Arbitrary<string>, number]>([
    ['ipv4', fc.ipV4(), 32],
    ['ipv6', fc.ipV6(), 128],
  ])('takes the same %s addresses by network as BlockList does', (family, address, bits) => {
    // One bit moved gives addresses on both sides of the prefix's edge.
    fc.assert(
      fc.property(address, fc.nat(bits), fc.nat(bits - 1), (base, prefixLength, bit) => {
        const moved = BigInt(`0x${addressHex(family, base) ?? ''}`) ^ (1n << BigInt(bit));
        const source = addressText(moved.toString(16).padStart(bits / 4, '0'));
        const list = new BlockList();
        list.addSubnet(base, prefixLength, family);
        const entry = { ...ENTRY, family, original: { ...ENTRY.original, source } };
        expect(entryMatcher({ source: { family, address: base, prefixLength } })(entry)).toBe(list.check(source, family));
      }),
      { numRuns: 500 },
    );
  });
});
