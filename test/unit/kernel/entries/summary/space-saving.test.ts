import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KeySummary, SUMMARY_MEASURES, type SummaryMeasure } from '../../../../../src/domain/entry-summary.ts';
import { EntryView } from '../../../../../src/kernel/entries/entry-view.ts';
import { EntrySummary } from '../../../../../src/kernel/entries/summary/summary-builder.ts';
import { anyFlow, fill, type Flow, FLOW } from './flow.ts';
import { keyText, naiveSums } from './naive-summary.ts';

function pairs(flows: readonly Flow[], orderBy: SummaryMeasure, capacity: number): KeySummary {
  const summary = new EntrySummary({ by: ['pair'], top: 1000, orderBy }, capacity);
  const view = new EntryView();
  for (const flow of flows) summary.add(fill(view, flow));
  const [key] = summary.result().keys;
  if (!key) throw new Error('no summary');
  return key;
}

const flows = fc.array(anyFlow(8), { minLength: 100, maxLength: 400 });
const measure = fc.constantFrom(...SUMMARY_MEASURES);
const counters = fc.integer({ min: 1, max: 40 });

describe('a summary of more keys than it has counters', () => {
  it('never underestimates the weight of a row, and overestimates it by at most the error of the row', () => {
    fc.assert(
      fc.property(flows, measure, counters, (given, orderBy, capacity) => {
        const wanted = naiveSums('pair', given);
        const { top, exact, error = 0 } = pairs(given, orderBy, capacity);
        expect(exact).toBe(wanted.size <= capacity);
        for (const row of top) {
          const truth = wanted.get(keyText(row))?.[orderBy] ?? Number.NaN;
          const told = Number(row[orderBy] ?? 0);
          expect(told).toBeGreaterThanOrEqual(truth);
          expect(told).toBeLessThanOrEqual(truth + (row.error ?? 0));
          expect(row.error ?? 0).toBeLessThanOrEqual(error);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('reports the other sums since the key was added, which are complete for a row without an error', () => {
    fc.assert(
      fc.property(flows, measure, counters, (given, orderBy, capacity) => {
        const wanted = naiveSums('pair', given);
        for (const row of pairs(given, orderBy, capacity).top) {
          const truth = wanted.get(keyText(row));
          for (const other of SUMMARY_MEASURES.filter((each) => each !== orderBy)) {
            const told = Number(row[other] ?? 0);
            if (row.error === undefined) expect(told).toBe(truth?.[other]);
            else expect(told).toBeLessThanOrEqual(truth?.[other] ?? Number.NaN);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('contains every key above its share, and omits no key that weighs more than the error', () => {
    fc.assert(
      fc.property(flows, measure, counters, (given, orderBy, capacity) => {
        const wanted = naiveSums('pair', given);
        const total = [...wanted.values()].reduce((sum, each) => sum + each[orderBy], 0);
        const { top, error = 0 } = pairs(given, orderBy, capacity);
        const told = new Set(top.map(keyText));
        for (const [key, sums] of wanted) {
          if (sums[orderBy] > total / capacity) expect(told).toContain(key);
          if (!told.has(key)) expect(sums[orderBy]).toBeLessThanOrEqual(error);
        }
        expect(error).toBeLessThanOrEqual(total / capacity);
      }),
      { numRuns: 40 },
    );
  });

  it('does not replace a key that has bytes by keys without bytes', () => {
    const given = Array.from({ length: 9 }, (_, at): Flow => ({
      ...FLOW,
      hosts: [at + 1, 9, 9, 1],
      counters: [{ packets: 1, bytes: at < 2 ? 5 : 0 }],
    }));
    const { top, error, other } = pairs(given, 'bytes', 2);
    expect(top.map(({ source, bytes }) => [source, bytes])).toEqual([
      ['10.0.0.1', '5'],
      ['10.0.0.2', '5'],
    ]);
    expect({ error, other }).toEqual({ error: 5, other: { entries: 7, packets: '7', bytes: '0' } });
  });

  it('stops growing for good when no more memory may be allocated, and reports its counters', () => {
    const asked: number[] = [];
    const mayAllocate = (bytes: number): boolean => asked.push(bytes) < 3;
    const summary = new EntrySummary({ by: ['source'], top: 1, orderBy: 'entries' }, undefined, mayAllocate);
    const view = new EntryView();
    for (let entry = 0; entry < 10_000; entry += 1) {
      fill(view, { ...FLOW, hosts: [entry % 5 === 0 ? 1 : 3, 9, 9, 1] });
      if (entry % 5 !== 0) view.bytes.set([100, entry >>> 16, entry >>> 8, entry], view.original.source);
      summary.add(view);
    }
    const [key] = summary.result().keys;
    expect(key).toMatchObject({ exact: false, counters: 4_096, distinct: 4_097, top: [{ source: '10.0.0.1', entries: 2_000 }] });
    expect(asked).toHaveLength(3);
    expect(asked).toEqual(asked.toSorted((one, other) => one - other));
  });

  it('finds the few heavy sources in a flood of spoofed ones', () => {
    const summary = new EntrySummary({ by: ['source'], top: 2, orderBy: 'entries' }, 1000);
    const view = new EntryView();
    for (let entry = 0; entry < 100_000; entry += 1) {
      fill(view, { ...FLOW, hosts: [entry % 20 === 0 ? 1 : entry % 30 === 1 ? 2 : 3, 9, 9, 1] });
      if (view.bytes[view.original.source + 3] === 3) view.bytes.set([100, entry >>> 16, entry >>> 8, entry], view.original.source);
      summary.add(view);
    }
    const [key] = summary.result().keys;
    expect(key).toMatchObject({ exact: false, distinct: 1001, counters: 1000 });
    expect(key?.top).toEqual([
      { source: '10.0.0.1', entries: 5000 },
      { source: '10.0.0.2', entries: 3334 },
    ]);
  });
});
