import { describe, expect, it } from 'vitest';
import type { DumpSummary, Entry } from '../../../src/domain/entry.ts';
import { FORMATS } from '../../../src/kernel/procfs/entry-format.ts';

const ENTRY: Entry = {
  id: '0411',
  family: 'ipv4',
  protocol: 'udp',
  protocolNumber: 17,
  timeoutSeconds: 0,
  status: ['CONFIRMED', 'SEEN_REPLY'],
  original: {
    source: '192.0.2.1',
    destination: '192.0.2.2',
    sourcePort: 1,
    destinationPort: 53,
    packets: '18446744073709551615',
    bytes: '0',
  },
  reply: { source: '192.0.2.2', destination: '192.0.2.1', sourcePort: 53, destinationPort: 1 },
  mark: 0,
  secctx: 'system_u:object_r:a,b"c"',
};
const SUMMARY: DumpSummary = { outcome: 'complete', entries: 1, scanned: 3, unparsedLines: 2, source: '/proc/net/nf_conntrack' };
const INTERRUPTED: DumpSummary = { ...SUMMARY, outcome: 'interrupted', reason: 'it "broke"\nhere' };

describe('NDJSON', () => {
  it('is one JSON object a line', () => {
    const line = FORMATS.ndjson.entry(ENTRY);
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(JSON.parse(line)).toEqual(ENTRY);
  });

  it('ends with a trailer', () => {
    expect(FORMATS.ndjson.trailer(SUMMARY)).toBe(`${JSON.stringify({ trailer: SUMMARY })}\n`);
  });
});

describe('CSV', () => {
  it('has a name for every column, and a row for every entry under it', () => {
    const names = FORMATS.csv.header.trimEnd().split(',');
    const row = FORMATS.csv
      .entry({ ...ENTRY, secctx: 's' })
      .replace(/\r\n$/, '')
      .split(',');
    expect(row).toHaveLength(names.length);
    const cells = Object.fromEntries(names.map((name, index) => [name, row[index]]));
    expect(cells).toMatchObject({
      id: '0411',
      state: '',
      timeoutSeconds: '0',
      status: 'CONFIRMED SEEN_REPLY',
      originalSource: '192.0.2.1',
      originalDestinationPort: '53',
      originalPackets: '18446744073709551615',
      replySourcePort: '53',
      replyPackets: '',
      mark: '0',
      zone: '',
      secctx: 's',
    });
  });

  it('quotes as RFC 4180 says', () => {
    expect(FORMATS.csv.entry(ENTRY)).toContain(',"system_u:object_r:a,b""c""",');
  });

  it('ends with a comment line that holds the whole summary', () => {
    expect(FORMATS.csv.trailer(SUMMARY)).toBe('# complete entries=1 scanned=3 unparsedLines=2 source=/proc/net/nf_conntrack\r\n');
    expect(FORMATS.csv.trailer(INTERRUPTED)).toBe(
      '# interrupted entries=1 scanned=3 unparsedLines=2 source=/proc/net/nf_conntrack reason="it \\"broke\\"\\nhere"\r\n',
    );
  });
});
