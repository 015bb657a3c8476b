import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DumpSummary, Entry } from '../../../../src/domain/entry.ts';
import { ByteWriter } from '../../../../src/kernel/entries/byte-writer.ts';
import { entryId } from '../../../../src/kernel/entries/entry-id.ts';
import { fillView, type ParsedEntry } from '../../../../src/kernel/entries/entry-to-view.ts';
import { EntryView } from '../../../../src/kernel/entries/entry-view.ts';
import { extendedFormat } from '../../../../src/kernel/entries/extended.ts';
import { lineBytesMax } from '../../../../src/kernel/entries/ndjson.ts';
import { toEntry } from '../../../../src/kernel/entries/view-to-entry.ts';
import { parseEntryLine } from '../../../../src/kernel/procfs/entry-line.ts';
import { arbitraryEntry } from '../../../support/arbitrary-entry.ts';

const NOW_SECONDS = 1_800_000_000;
const EXTENDED = extendedFormat(() => NOW_SECONDS);

const TCP: Entry = {
  id: '0406c0000201c0000202000100500300000',
  family: 'ipv4',
  protocol: 'tcp',
  protocolNumber: 6,
  state: 'ESTABLISHED',
  timeoutSeconds: 431_999,
  status: ['SEEN_REPLY', 'ASSURED', 'CONFIRMED'],
  original: { source: '192.0.2.1', destination: '192.0.2.2', sourcePort: 1, destinationPort: 80 },
  reply: { source: '192.0.2.2', destination: '192.0.2.1', sourcePort: 80, destinationPort: 1 },
};
const TUPLES = 'src=192.0.2.1 dst=192.0.2.2 sport=1 dport=80 src=192.0.2.2 dst=192.0.2.1 sport=80 dport=1';
const ADDRESSES = { source: '2001:db8::1', destination: '2001:db8::2' };

function lineOf(entry: ParsedEntry): string {
  const view = new EntryView();
  fillView(entry, view);
  const out = new ByteWriter(new Uint8Array(lineBytesMax(view)));
  EXTENDED.write(view, out);
  expect(out.at).toBeLessThanOrEqual(out.bytes.length);
  return Buffer.from(out.bytes).toString('latin1', 0, out.at);
}

describe('text in the form of conntrack -L -o extended', () => {
  it('writes one line per entry, without a space at the end', () => {
    expect(lineOf(TCP)).toBe(`ipv4     2 tcp      6 431999 ESTABLISHED ${TUPLES} [ASSURED]\n`);
  });

  it('writes all columns in the order of the command', () => {
    const original = { ...TCP.original, packets: '12', bytes: '18446744073709551615' };
    const reply = { ...TCP.reply, packets: '0', bytes: '0' };
    const fields = { mark: 0xffff_ffff, secctx: 's:0', zone: 7, startedAt: '2027-01-15T07:59:00.999999999Z', helper: 'ftp', use: 2 };
    expect(lineOf({ ...TCP, status: ['CONFIRMED'], original, reply, ...fields, labels: [3] })).toBe(
      'ipv4     2 tcp      6 431999 ESTABLISHED src=192.0.2.1 dst=192.0.2.2 sport=1 dport=80 packets=12 bytes=18446744073709551615 ' +
        '[UNREPLIED] src=192.0.2.2 dst=192.0.2.1 sport=80 dport=1 packets=0 bytes=0 ' +
        'mark=4294967295 secctx=s:0 zone=7 delta-time=60 helper=ftp use=2\n',
    );
  });

  it('writes the zone of one direction after that direction', () => {
    expect(lineOf({ ...TCP, originalZone: 8 })).toContain(' sport=1 dport=80 zone-orig=8 src=192.0.2.2 ');
    expect(lineOf({ ...TCP, replyZone: 9 })).toContain(' sport=80 dport=1 zone-reply=9 [ASSURED]');
  });

  it('writes offload instead of ASSURED, prefers hardware offload, and omits timeout and state', () => {
    const flow = without(TCP, 'state', 'timeoutSeconds');
    const status = ['SEEN_REPLY', 'ASSURED', 'CONFIRMED', 'OFFLOAD'] as const;
    expect(lineOf({ ...flow, status })).toBe(`ipv4     2 tcp      6 ${TUPLES} [OFFLOAD]\n`);
    expect(lineOf({ ...flow, status: [...status, 'HW_OFFLOAD'] })).toBe(`ipv4     2 tcp      6 ${TUPLES} [HW_OFFLOAD]\n`);
  });

  it.each([
    [58, { icmpType: 128, icmpCode: 0, icmpId: 9 }, 'icmpv6   58 5 ', 'type=128 code=0 id=9'],
    [47, { sourceKey: 0, destinationKey: 0xbeef }, 'gre      47 5 ', 'srckey=0x0 dstkey=0xbeef'],
    [136, { sourcePort: 7, destinationPort: 8 }, 'udplite  136 5 ', 'sport=7 dport=8'],
    [33, {}, 'dccp     33 5 ', 'sport=0 dport=0'],
    [2, {}, 'unknown  2 5 ', undefined],
  ])('writes protocol %i as the command does', (protocolNumber, ends, head, tail) => {
    const tuple = { ...ADDRESSES, ...ends };
    const flow = without(TCP, 'state');
    const written = ['src=2001:db8::1 dst=2001:db8::2', ...(tail === undefined ? [] : [tail])].join(' ');
    expect(lineOf({ ...flow, family: 'ipv6', protocolNumber, timeoutSeconds: 5, original: tuple, reply: tuple })).toBe(
      `ipv6     10 ${head}${written} ${written} [ASSURED]\n`,
    );
  });

  it('computes the age up to the end of the flow if it has ended, and never below zero', () => {
    const startedAt = '2027-01-15T08:00:00.500000000Z';
    expect(lineOf({ ...TCP, startedAt, stoppedAt: '2027-01-15T08:00:10.400000000Z' })).toContain(' delta-time=10\n');
    expect(lineOf({ ...TCP, startedAt: '2027-01-15T08:00:05.000000000Z' })).toContain(' delta-time=0\n');
    expect(lineOf({ ...TCP, ageSeconds: 42 })).toContain(' delta-time=42\n');
  });

  it('reproduces the lines of a recorded text dump, except columns that only the kernel prints', () => {
    const path = join(import.meta.dirname, '../../../fixtures/trees/nf_conntrack/proc/net/nf_conntrack');
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    const parseable = lines.flatMap((line) => {
      const entry = parseEntryLine(line);
      return entry ? [[line, entry] as const] : [];
    });
    expect(parseable.length).toBeGreaterThan(5);
    for (const [line, entry] of parseable) expect(tolerant(lineOf(entry))).toBe(tolerant(line));
  });

  it('writes one line for every entry, which parses to the same flow', () => {
    fc.assert(
      fc.property(arbitraryEntry, (any) => {
        // Texts may contain spaces.
        const entry = without(any, 'helper', 'secctx');
        const line = lineOf(entry);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        const parsed = parseEntryLine(line.trimEnd());
        if (!parsed) throw new Error(`not parsed: ${line}`);
        const view = new EntryView();
        fillView(parsed, view);
        expect(entryId(view)).toBe(entry.id.replace(/-.*/, ''));
        expect(toEntry(view).reply).toMatchObject({ source: entry.reply.source, destination: entry.reply.destination });
      }),
    );
  });

  it('ends with a comment line', () => {
    const summary: DumpSummary = {
      outcome: 'complete',
      entries: 1,
      scanned: 3,
      unparsed: 2,
      source: '/proc/net/nf_conntrack',
      filteredByKernel: false,
    };
    expect(EXTENDED.trailer(summary)).toBe(
      '# complete entries=1 scanned=3 unparsed=2 source=/proc/net/nf_conntrack filteredByKernel=false\n',
    );
  });
});

function without<K extends keyof Entry>(entry: Entry, ...keys: readonly K[]): Omit<Entry, K> {
  const rest: Partial<Entry> = { ...entry };
  for (const key of keys) Reflect.deleteProperty(rest, key);
  return rest as Omit<Entry, K>;
}

/** Removes the differences between the kernel's text and the command's: long addresses, zone 0, GRE's timeouts, one more reference. */
function tolerant(line: string): string {
  return line
    .trimEnd()
    .replace(/ timeout=\d+, stream_timeout=\d+/, '')
    .replace(/ use=\d+$/, '')
    .replace(/ zone=0\b/, '')
    .replace(
      /(src|dst)=([0-9a-f:]+:[0-9a-f:]+)/g,
      (_, key: string, address: string) => `${key}=${new URL(`http://[${address}]`).hostname.slice(1, -1)}`,
    );
}
