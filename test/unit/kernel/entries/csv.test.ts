import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TUPLE_KEYS, type DumpSummary, type Entry, type Tuple } from '../../../../src/domain/entry.ts';
import { ByteWriter } from '../../../../src/kernel/entries/byte-writer.ts';
import { CSV } from '../../../../src/kernel/entries/csv.ts';
import { fillView } from '../../../../src/kernel/entries/entry-to-view.ts';
import { EntryView } from '../../../../src/kernel/entries/entry-view.ts';
import { lineBytesMax } from '../../../../src/kernel/entries/ndjson.ts';
import { arbitraryEntry } from '../../../support/arbitrary-entry.ts';

const NAMES = CSV.header.trimEnd().split(',');
const SUMMARY: DumpSummary = { outcome: 'complete', entries: 1, scanned: 3, unparsed: 2, source: 'ctnetlink', filteredByKernel: true };
const ENTRY: Entry = {
  id: '0411c0000201c000020200010035030000',
  family: 'ipv4',
  protocol: 'udp',
  protocolNumber: 17,
  timeoutSeconds: 0,
  status: ['SEEN_REPLY', 'CONFIRMED'],
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
  labels: [0, 127],
  secctx: 'system_u:object_r:a,b"c"',
};

function rowOf(entry: Entry): string {
  const view = new EntryView();
  fillView(entry, view);
  const out = new ByteWriter(new Uint8Array(lineBytesMax(view)));
  CSV.write(view, out);
  expect(out.at).toBeLessThanOrEqual(out.bytes.length);
  return Buffer.from(out.bytes).toString('latin1', 0, out.at);
}

/** The cells of one row, parsed as RFC 4180 specifies. */
function cellsOf(row: string): Record<string, string> {
  const cells = [...row.matchAll(/("(?:[^"]|"")*"|[^,"\r\n]*)(,|\r\n$)/g)].map(([, cell = '']) =>
    cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
  );
  expect(cells).toHaveLength(NAMES.length);
  return Object.fromEntries(NAMES.map((name, index) => [name, cells[index] ?? '']));
}

describe('CSV', () => {
  it('begins with a header that keeps the order of existing columns', () => {
    expect(NAMES.slice(0, 9).join()).toBe(
      'id,family,protocol,protocolNumber,state,timeoutSeconds,status,originalSource,originalDestination',
    );
    expect(NAMES.slice(28, 37).join()).toBe('replyBytes,mark,zone,originalZone,replyZone,secctx,ageSeconds,offload,originalWindowScale');
  });

  it('writes each value in the column of its name', () => {
    expect(rowOf({ ...ENTRY, secctx: 's' })).toBe(
      '0411c0000201c000020200010035030000,ipv4,udp,17,,0,SEEN_REPLY CONFIRMED,' +
        '192.0.2.1,192.0.2.2,1,53,,,,,,18446744073709551615,0,192.0.2.2,192.0.2.1,53,1,,,,,,,,0,,,,s,,,,,,,,,,,,,,0 127,,,,,,,,,,,,,,,,,,,,\r\n',
    );
  });

  it('quotes cells as RFC 4180 specifies', () => {
    expect(rowOf(ENTRY)).toContain(',"system_u:object_r:a,b""c""",');
  });

  it('contains all fields of every entry', () => {
    fc.assert(
      fc.property(arbitraryEntry, (entry) => {
        expect(cellsOf(rowOf(entry))).toEqual(expected(entry));
      }),
    );
  });

  it('ends with a comment line that contains the whole summary', () => {
    expect(CSV.trailer(SUMMARY)).toBe('# complete entries=1 scanned=3 unparsed=2 source=ctnetlink filteredByKernel=true\r\n');
    expect(CSV.trailer({ ...SUMMARY, outcome: 'interrupted', reason: 'it "broke"\nhere' })).toBe(
      '# interrupted entries=1 scanned=3 unparsed=2 source=ctnetlink filteredByKernel=true reason="it \\"broke\\"\\nhere"\r\n',
    );
  });
});

function expected(entry: Entry): Record<string, string> {
  const cells = Object.fromEntries(NAMES.map((name) => [name, '']));
  for (const [name, value] of Object.entries(entry)) {
    if (!['original', 'reply', 'synproxy', 'master'].includes(name)) cells[name] = Array.isArray(value) ? value.join(' ') : String(value);
  }
  const nested = [prefixed('synproxy', entry.synproxy ?? {}), prefixed('master', entry.master ?? {})];
  return Object.assign(cells, tupleCells('original', entry.original), tupleCells('reply', entry.reply), ...nested) as typeof cells;
}

function tupleCells(direction: string, tuple: Tuple): Record<string, string> {
  const { sequenceAdjust, ...rest } = tuple;
  const adjust = sequenceAdjust
    ? {
        sequenceCorrection: sequenceAdjust.correction,
        sequenceOffsetBefore: sequenceAdjust.offsetBefore,
        sequenceOffsetAfter: sequenceAdjust.offsetAfter,
      }
    : {};
  expect(TUPLE_KEYS).toEqual(expect.arrayContaining(Object.keys(tuple)));
  return prefixed(direction, { ...rest, ...adjust });
}

function prefixed(prefix: string, values: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [prefix + name.charAt(0).toUpperCase() + name.slice(1), String(value)]),
  );
}
