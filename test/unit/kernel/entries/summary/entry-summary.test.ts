import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KeySummary, SUMMARY_KEYS, SUMMARY_MEASURES, type SummaryResult } from '../../../../../src/domain/entry-summary.ts';
import { fillView } from '../../../../../src/kernel/entries/entry-to-view.ts';
import { AF_INET6, EntryView } from '../../../../../src/kernel/entries/entry-view.ts';
import { EntrySummary } from '../../../../../src/kernel/entries/summary/summary-builder.ts';
import { anyFlow, fill, type Flow, FLOW, viewOf } from './flow.ts';
import { keyText, naiveSums, toldSums } from './naive-summary.ts';

const CAPACITY = 64;

function summaryOf(flows: readonly Flow[], request = {}): SummaryResult {
  const summary = new EntrySummary({ by: SUMMARY_KEYS, top: 1000, orderBy: 'entries', ...request }, CAPACITY);
  const view = new EntryView();
  for (const flow of flows) summary.add(fill(view, flow));
  return summary.result();
}

function keySummary(flows: readonly Flow[], by: KeySummary['by'], request = {}): KeySummary {
  const [key] = summaryOf(flows, { by: [by], ...request }).keys;
  if (!key) throw new Error('no summary');
  return key;
}

describe('a summary', () => {
  it('counts like a plain map while there are no more keys than counters', () => {
    fc.assert(
      fc.property(fc.array(anyFlow(5), { maxLength: 200 }), fc.constantFrom(...SUMMARY_MEASURES), (flows, orderBy) => {
        const result = summaryOf(flows, { orderBy });
        expect(result.keys.map(({ by }) => by)).toEqual(SUMMARY_KEYS);
        for (const { by, top, exact, distinct, without, other } of result.keys) {
          const wanted = naiveSums(by, flows);
          expect(without).toEqual(toldSums(wanted.get('') ?? { entries: 0, counted: 0, packets: 0, bytes: 0 }));
          wanted.delete('');
          const told = top.map((row) => [keyText(row), { ...row }] as const);
          expect(new Set(told.map(([key]) => key))).toEqual(new Set(wanted.keys()));
          for (const [key, row] of told) expect(row).toMatchObject(toldSums(wanted.get(key) ?? fail()));
          expect({ exact, distinct, other }).toEqual({ exact: true, distinct: wanted.size, other: { entries: 0 } });
          const order = top.map((row) => Number(row[orderBy] ?? 0));
          expect(order).toEqual(order.toSorted((left, right) => right - left));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('adds up: rows, other and without sum to all entries, packets and bytes, whether exact or not', () => {
    fc.assert(
      fc.property(
        fc.array(anyFlow(200), { minLength: 100, maxLength: 400 }),
        fc.constantFrom(...SUMMARY_MEASURES),
        fc.integer({ min: 1, max: 20 }),
        (flows, orderBy, top) => {
          const result = summaryOf(flows, { orderBy, top });
          for (const { top: rows, other, without } of result.keys) {
            for (const measure of SUMMARY_MEASURES) {
              const sum = [...rows, other, without].reduce((total, part) => total + Number(part[measure] ?? 0), 0);
              expect(sum).toBe(Number(result[measure] ?? 0));
            }
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('returns the top rows only, and the sum of the others', () => {
    const flows = [1, 2, 2, 3, 3, 3].map((host): Flow => ({ ...FLOW, hosts: [host, 9, 9, host] }));
    expect(keySummary(flows, 'source', { top: 2 })).toEqual({
      by: 'source',
      distinct: 3,
      exact: true,
      top: [
        { source: '10.0.0.3', entries: 3 },
        { source: '10.0.0.2', entries: 2 },
      ],
      other: { entries: 1 },
      without: { entries: 0 },
    });
  });

  it('orders by bytes if requested, with entries without counters last and without bytes', () => {
    const flows: Flow[] = [
      { ...FLOW, mark: 1 },
      { ...FLOW, mark: 1 },
      { ...FLOW, mark: 2, counters: [{ packets: 0, bytes: 0 }] },
      { ...FLOW, mark: 3, counters: [{ packets: 1, bytes: 2 ** 40 }, undefined] },
    ];
    expect(keySummary(flows, 'mark', { orderBy: 'bytes' }).top).toEqual([
      { mark: 3, entries: 1, packets: '1', bytes: '1099511627776' },
      { mark: 1, entries: 2 },
      { mark: 2, entries: 1, packets: '0', bytes: '0' },
    ]);
    expect(summaryOf(flows)).toMatchObject({ entries: 4, withCounters: 2, packets: '1', bytes: '1099511627776' });
  });

  it('prints sums of the largest counters without an exponent', () => {
    const view = viewOf({ ...FLOW, counters: [{ packets: 1, bytes: 1 }] });
    view.original.bytesHigh = -1;
    view.original.bytesLow = -1;
    const summary = new EntrySummary({ by: ['protocol'], top: 1, orderBy: 'bytes' }, CAPACITY);
    for (let entry = 0; entry < 1000; entry += 1) summary.add(view);
    expect(summary.result().bytes).toBe('18446744073709551616000');
  });

  it('distinguishes an IPv4 address from the IPv6 address with the same bits', () => {
    const view = viewOf({ ...FLOW, family: AF_INET6 });
    const summary = new EntrySummary({ by: ['source'], top: 9, orderBy: 'entries' }, CAPACITY);
    view.bytes.set([10, 0, 0, 1, ...new Array<number>(12).fill(0)], view.original.source);
    summary.add(view);
    summary.add(viewOf(FLOW));
    expect(summary.result().keys[0]?.top.map(({ source }) => source)).toEqual(['10.0.0.1', 'a00:1::']);
  });

  it('keeps its counts when it grows', () => {
    const summary = new EntrySummary({ by: ['mark'], top: 5_000, orderBy: 'bytes' }, 5_000);
    const view = new EntryView();
    const marks = Array.from({ length: 5_000 }, (_, mark) => mark);
    for (const mark of [...marks, ...marks]) summary.add(fill(view, { ...FLOW, mark, counters: [{ packets: 1, bytes: 6_000 - mark }] }));
    const [key] = summary.result().keys;
    expect(key?.exact).toBe(true);
    expect(key?.top).toEqual(marks.map((mark) => ({ mark, entries: 2, packets: '2', bytes: String(2 * (6_000 - mark)) })));
  });

  it('counts each timeout in the bin that begins at or before it', () => {
    const timeouts = [-1, 0, 1, 9, 10, 431_999, 432_000, 2_147_483];
    const { timeouts: bins, withoutTimeout } = summaryOf(timeouts.map((timeout) => ({ ...FLOW, timeout })));
    expect(withoutTimeout).toBe(1);
    expect(bins.filter(({ entries }) => entries > 0)).toEqual([
      { fromSeconds: 0, belowSeconds: 1, entries: 1 },
      { fromSeconds: 1, belowSeconds: 10, entries: 2 },
      { fromSeconds: 10, belowSeconds: 30, entries: 1 },
      { fromSeconds: 86_400, belowSeconds: 432_000, entries: 1 },
      { fromSeconds: 432_000, entries: 2 },
    ]);
    expect(bins.slice(1).map(({ fromSeconds }) => fromSeconds)).toEqual(bins.slice(0, -1).map(({ belowSeconds }) => belowSeconds));
  });
});

it('counts entries by helper, also with names of 15 characters and other alphabets', () => {
  const summary = new EntrySummary({ by: ['helper'], top: 10, orderBy: 'entries' });
  const view = new EntryView();
  const tuple = { source: '10.0.0.1', destination: '10.0.0.2', sourcePort: 1, destinationPort: 21 };
  const names = ['ftp', 'ftp', 'ftp', 'ftp-2121', 'ftp-2121', 'a'.repeat(15), 'caf\u00e9', undefined];
  for (const helper of names) {
    const entry = { family: 'ipv4', protocol: 'tcp', protocolNumber: 6, status: [], original: tuple, reply: tuple } as const;
    fillView({ ...entry, ...(helper !== undefined && { helper }) }, view);
    summary.add(view);
  }
  const [key] = summary.result().keys;
  expect(key?.top.map(({ helper, entries }) => [helper, entries]).toSorted()).toEqual([
    ['a'.repeat(15), 1],
    ['caf\u00e9', 1],
    ['ftp', 3],
    ['ftp-2121', 2],
  ]);
  expect(key?.without).toMatchObject({ entries: 1 });
});

function fail(): never {
  throw new Error('a row for an unknown key');
}
