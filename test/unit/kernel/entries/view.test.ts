import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENTRY_KEYS, TUPLE_KEYS, type Entry } from '../../../../src/domain/entry.ts';
import { ByteWriter } from '../../../../src/kernel/entries/byte-writer.ts';
import { fillView } from '../../../../src/kernel/entries/entry-to-view.ts';
import { EntryView } from '../../../../src/kernel/entries/entry-view.ts';
import { lineBytesMax, writeNdjson } from '../../../../src/kernel/entries/ndjson.ts';
import { toEntry } from '../../../../src/kernel/entries/view-to-entry.ts';
import { arbitraryEntry } from '../../../support/arbitrary-entry.ts';

function expectOrder(value: object, order: readonly string[]): void {
  const keys = Object.keys(value);
  expect(keys).toEqual(order.filter((key) => keys.includes(key)));
}

function parsedLine(view: EntryView): unknown {
  const out = new ByteWriter(new Uint8Array(lineBytesMax(view)));
  writeNdjson(view, out);
  expect(out.at).toBeLessThanOrEqual(out.bytes.length);
  return JSON.parse(new TextDecoder().decode(out.bytes.subarray(0, out.at)));
}

describe('a view of an entry', () => {
  it('returns the entry that it was filled from, whatever it held before', () => {
    const view = new EntryView();
    fc.assert(
      fc.property(arbitraryEntry, (entry) => {
        fillView(entry, view);
        expect(toEntry(view)).toEqual(entry);
      }),
    );
  });

  it('returns copies that stay unchanged when the view is reused', () => {
    fc.assert(
      fc.property(arbitraryEntry, arbitraryEntry, (first, second) => {
        const view = new EntryView();
        fillView(first, view);
        const entry = toEntry(view);
        fillView(second, view);
        expect(entry).toEqual(first);
      }),
    );
  });

  it('returns the keys in the documented order', () => {
    const view = new EntryView();
    fc.assert(
      fc.property(arbitraryEntry, (entry) => {
        fillView(entry, view);
        const told = toEntry(view);
        expectOrder(told, ENTRY_KEYS);
        expectOrder(told.original, TUPLE_KEYS);
        expectOrder(told.reply, TUPLE_KEYS);
      }),
    );
  });

  it('is written as the same NDJSON as its entry', () => {
    const view = new EntryView();
    fc.assert(
      fc.property(arbitraryEntry, (entry) => {
        fillView(entry, view);
        expect(parsedLine(view)).toEqual(entry);
      }),
    );
  });

  it('omits a state that the protocol does not have, and accepts the older name of SYN_SENT2', () => {
    const view = new EntryView();
    fillView({ ...PLAIN, state: 'LISTEN' }, view);
    expect(toEntry(view).state).toBe('SYN_SENT2');
    fillView({ ...PLAIN, state: 'SINGING' }, view);
    expect(toEntry(view)).not.toHaveProperty('state');
  });
});

const PLAIN: Entry = {
  id: '0406c0000201c00002020001000203000a',
  family: 'ipv4',
  protocol: 'tcp',
  protocolNumber: 6,
  status: ['CONFIRMED'],
  original: { source: '192.0.2.1', destination: '192.0.2.2', sourcePort: 1, destinationPort: 2 },
  reply: { source: '192.0.2.2', destination: '192.0.2.1', sourcePort: 2, destinationPort: 1 },
  zone: 10,
};
