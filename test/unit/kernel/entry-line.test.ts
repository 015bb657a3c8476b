import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entryId } from '../../../src/kernel/entries/entry-id.ts';
import { fillView } from '../../../src/kernel/entries/entry-to-view.ts';
import { EntryView } from '../../../src/kernel/entries/entry-view.ts';
import { parseEntryLine } from '../../../src/kernel/procfs/entry-line.ts';

const TREES = join(import.meta.dirname, '../../fixtures/trees');
const lines = (path: string): string[] => readFileSync(join(TREES, path), 'utf8').trimEnd().split('\n');
const MODERN = lines('nf_conntrack/proc/net/nf_conntrack');
const LEGACY = lines('ip_conntrack/proc/net/ip_conntrack');

function recorded(part: string): unknown {
  const found = [...MODERN, ...LEGACY].filter((line) => line.includes(part));
  expect(found).toHaveLength(1);
  return parseEntryLine(found[0] ?? '');
}

describe('a line of the modern dump', () => {
  it('is parsed for an accounted TCP flow with both tuples', () => {
    expect(recorded('sport=45001 ')).toEqual({
      family: 'ipv4',
      protocol: 'tcp',
      protocolNumber: 6,
      state: 'ESTABLISHED',
      timeoutSeconds: 431_996,
      status: ['CONFIRMED', 'SEEN_REPLY', 'ASSURED'],
      original: {
        source: '192.0.2.10',
        destination: '198.51.100.20',
        sourcePort: 45_001,
        destinationPort: 443,
        packets: '7',
        bytes: '972',
      },
      reply: { source: '198.51.100.20', destination: '192.0.2.10', sourcePort: 443, destinationPort: 45_001, packets: '5', bytes: '1768' },
      mark: 42,
      zone: 0,
      ageSeconds: 3,
      use: 2,
    });
  });

  it('yields the references of each entry, and none for a line without them', () => {
    const line = ' src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1';
    expect(parseEntryLine(`ipv4     2 udp      17 29${line} mark=0 use=4294967295`)).toMatchObject({ use: 4_294_967_295 });
    expect(parseEntryLine(`ipv4     2 udp      17 29${line} mark=0`)).not.toHaveProperty('use');
  });

  it('yields IPv6 addresses in canonical form', () => {
    expect(recorded('sport=50014 ')).toMatchObject({
      family: 'ipv6',
      original: { source: '2001:db8::10', destination: '2001:db8:0:1::53' },
      reply: { source: '2001:db8:0:1::53', destination: '2001:db8::10' },
    });
  });

  it('yields no state for UDP, and no SEEN_REPLY without a reply', () => {
    const entry = recorded('sport=50021 dport=9 packets');
    expect(entry).toMatchObject({ protocol: 'udp', status: ['CONFIRMED'], reply: { packets: '0', bytes: '0' } });
    expect(entry).not.toHaveProperty('state');
  });

  it('keeps the translated reply tuple', () => {
    expect(recorded('sport=50012 ')).toMatchObject({
      original: { destination: '192.0.2.53', destinationPort: 53 },
      reply: { source: '198.51.100.20', sourcePort: 5300 },
    });
  });

  it('yields ICMP type, code and id of each direction', () => {
    expect(recorded('type=128')).toMatchObject({
      protocol: 'icmpv6',
      protocolNumber: 58,
      original: { icmpType: 128, icmpCode: 0, icmpId: 8683 },
      reply: { icmpType: 129, icmpCode: 0, icmpId: 8683 },
    });
  });

  it('yields the keys of GRE, and ignores its own timeouts', () => {
    expect(recorded('srckey=0x1f90')).toMatchObject({
      protocol: 'gre',
      timeoutSeconds: 179,
      original: { sourceKey: 0x1f90, destinationKey: 0xbeef },
      reply: { sourceKey: 0xbeef, destinationKey: 0x1f90 },
    });
  });

  it('yields the state of SCTP', () => {
    expect(recorded('sport=36412')).toMatchObject({ protocol: 'sctp', protocolNumber: 132, state: 'ESTABLISHED', timeoutSeconds: 210 });
  });

  it('yields the number of a protocol without a name', () => {
    expect(recorded('unknown  103')).toMatchObject({ protocol: 'unknown', protocolNumber: 103, timeoutSeconds: 598 });
  });

  it.each([
    ['sport=47001 dport=443', 'OFFLOAD'],
    ['sport=47002 dport=443', 'HW_OFFLOAD'],
  ])('yields neither state nor timeout for an offloaded flow (%s, %s)', (part, status) => {
    const entry = recorded(part);
    expect(entry).toMatchObject({ offload: true, status: ['CONFIRMED', 'SEEN_REPLY', status] });
    expect(entry).not.toHaveProperty('state');
    expect(entry).not.toHaveProperty('timeoutSeconds');
  });

  it('keeps counters beyond 2^53 exact', () => {
    expect(recorded('sport=47001 dport=443')).toMatchObject({ reply: { packets: '18446744073709551615', bytes: '18446744073709551000' } });
  });

  it('distinguishes a zone of one direction from a zone of both', () => {
    expect(recorded('zone=7')).toMatchObject({ zone: 7 });
    expect(recorded('zone-orig')).toMatchObject({ originalZone: 5, reply: { sourcePort: 53 } });
    expect(recorded('zone-reply')).toMatchObject({ replyZone: 6 });
  });

  it('yields the security context, the age and a 32-bit mark', () => {
    const secctx = 'system_u:object_r:http_client_packet_t:s0';
    expect(recorded('secctx')).toMatchObject({ secctx, ageSeconds: 3600, mark: 0xffff_ffff });
  });
});

describe('NAT in a line', () => {
  const line = (original: string, reply: string): string =>
    `ipv4     2 tcp      6 100 ESTABLISHED ${original} ${reply} [ASSURED] mark=0 use=1`;
  const original = 'src=10.0.0.5 dst=192.0.2.10 sport=1000 dport=443';

  it.each([
    ['nothing', line(original, 'src=192.0.2.10 dst=10.0.0.5 sport=443 dport=1000'), []],
    ['the source address', line(original, 'src=192.0.2.10 dst=203.0.113.1 sport=443 dport=1000'), ['SRC_NAT']],
    ['the source port only', line(original, 'src=192.0.2.10 dst=10.0.0.5 sport=443 dport=2000'), ['SRC_NAT']],
    ['the destination address', line(original, 'src=10.9.0.1 dst=10.0.0.5 sport=443 dport=1000'), ['DST_NAT']],
    ['the destination port only', line(original, 'src=192.0.2.10 dst=10.0.0.5 sport=8443 dport=1000'), ['DST_NAT']],
    ['both', line(original, 'src=10.9.0.1 dst=203.0.113.1 sport=443 dport=1000'), ['SRC_NAT', 'DST_NAT']],
    [
      'the id of a ping',
      'icmp 1 29 src=10.0.0.8 dst=192.0.2.1 type=8 code=0 id=1234 src=192.0.2.1 dst=10.0.0.8 type=0 code=0 id=7 use=1',
      ['SRC_NAT'],
    ],
    ['no ping', 'icmp 1 29 src=10.0.0.8 dst=192.0.2.1 type=8 code=0 id=12 src=192.0.2.1 dst=10.0.0.8 type=0 code=0 id=12 use=1', []],
    ['a flow without ports', 'unknown  47 575 src=10.0.0.9 dst=192.0.2.2 src=192.0.2.2 dst=198.51.100.1 use=1', ['SRC_NAT']],
    [
      'an IPv6 destination',
      'ipv6 10 udp 17 9 src=2001:db8::1 dst=2001:db8::2 sport=1 dport=2 src=fd00::9 dst=2001:db8::1 sport=2 dport=1 use=1',
      ['DST_NAT'],
    ],
  ])('is found where it translated %s', (_, text, nat) => {
    expect(parseEntryLine(text)?.status.filter((name) => name.endsWith('_NAT'))).toEqual(nat);
  });
});

describe('a security context in a line', () => {
  const line = (context: string, rest = 'zone=7 delta-time=3 use=2'): string =>
    `ipv4     2 udp      17 29 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 mark=0 secctx=${context} ${rest}`;

  it.each([
    'unconfined (enforce)',
    'a  b',
    'x mark=9 src=10.0.0.3',
    'system_u:object_r:t:s0-s15:c0.c1023',
    '[ASSURED]',
    'secctx=a use=b',
    '\u00e4',
  ])('is whole: %s', (secctx) => {
    expect(parseEntryLine(line(secctx))).toMatchObject({
      secctx,
      mark: 0,
      zone: 7,
      ageSeconds: 3,
      use: 2,
      status: ['CONFIRMED', 'SEEN_REPLY'],
    });
    expect(parseEntryLine(line(secctx, 'use=1'))).toMatchObject({ secctx, use: 1 });
  });
});

describe('a line of the legacy dump', () => {
  it('is IPv4 and has no zone', () => {
    const entry = recorded('sport=51324');
    expect(entry).toMatchObject({ family: 'ipv4', protocol: 'tcp', state: 'ESTABLISHED', original: { bytes: '1840' }, mark: 0 });
    expect(entry).not.toHaveProperty('zone');
  });

  it('yields the security mark, which kernels before 2.6.37 print', () => {
    expect(recorded('sport=51326')).toMatchObject({ secmark: 0, mark: 0 });
    expect(parseEntryLine((LEGACY[0] ?? '').replace(' use=', ' secmark=4294967295 use='))).toMatchObject({ secmark: 0xffff_ffff });
  });

  it.each(LEGACY)('is parsed: %s', (line) => {
    expect(parseEntryLine(line)).toMatchObject({ family: 'ipv4', original: { source: expect.stringMatching(/^10\./) as unknown } });
  });
});

describe('a malformed line', () => {
  const [good = ''] = LEGACY;

  it('is the only one of the recorded dump that is not parsed', () => {
    expect(MODERN.filter((line) => !parseEntryLine(line))).toEqual(['this line was never printed by a kernel']);
  });

  it.each([
    ['without a reply', good.slice(0, good.lastIndexOf('src='))],
    ['truncated in its reply', good.slice(0, good.lastIndexOf('dst='))],
    ['with three tuples', `${good} src=10.0.0.1 dst=10.0.0.2`],
    ['with a port out of range', good.replace('dport=443', 'dport=65536')],
    ['with a port that is not a number', good.replace('dport=443', 'dport=https')],
    ['with a malformed address', good.replace('10.0.0.5', '10.0.0.555')],
    ['with an address of the other family', good.replaceAll('10.0.0.5', '2001:db8::1')],
    ['without a protocol', good.slice(good.indexOf('src='))],
    ['with a negative mark', good.replace('mark=0', 'mark=-1')],
  ])('is one %s', (_, line) => {
    expect(parseEntryLine(good)).toBeDefined();
    expect(parseEntryLine(line)).toBeUndefined();
  });

  it('never makes the parser throw', () => {
    const words = fc.constantFrom(...MODERN, ...LEGACY).map((line) => line.split(' '));
    const noise = fc.oneof(
      fc.string(),
      fc.constantFrom('src=', '[', '=', '__proto__=1', 'constructor=2', 'src=::', 'zone=99999', '[ASSURED]'),
    );
    const view = new EntryView();
    fc.assert(
      fc.property(words, noise, fc.nat(40), fc.nat(3), (line, extra, at, removed) => {
        const entry = parseEntryLine(line.toSpliced(at, removed, extra).join(' '));
        if (entry === undefined) return;
        // A parsed entry can be formatted, too.
        fillView(entry, view);
        expect(entryId(view)).toMatch(/^0[46][0-9a-f]{32,80}$/);
      }),
      { numRuns: 2_000 },
    );
  });
});
