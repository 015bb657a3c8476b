import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type KeySummary,
  SUMMARY_KEYS,
  SUMMARY_MEASURES,
  type SummaryMeasure,
  type SummaryRequest,
  type SummaryResult,
} from '../../../../../src/domain/entry-summary.ts';
import { EntryView } from '../../../../../src/kernel/entries/entry-view.ts';
import { arraysOf } from '../../../../../src/kernel/entries/summary/counters.ts';
import { buffersOf, EntrySummary } from '../../../../../src/kernel/entries/summary/summary-builder.ts';
import { Random } from '../../../../reliability/clients/random.ts';
import { anyFlow, fill, type Flow, FLOW } from './flow.ts';
import { keyText, type NaiveSums, naiveSums } from './naive-summary.ts';

const EVERYTHING: SummaryRequest = { by: SUMMARY_KEYS, top: 1000, orderBy: 'entries' };

function summaryOf(flows: readonly Flow[], request: SummaryRequest, capacity?: number): EntrySummary {
  const summary = new EntrySummary(request, capacity);
  const view = new EntryView();
  for (const flow of flows) summary.add(fill(view, flow));
  return summary;
}

/** Sent as between threads. */
function merged([first, ...others]: readonly EntrySummary[]): SummaryResult {
  for (const other of others) {
    const part = other.counted();
    first?.merge(structuredClone(part, { transfer: [...buffersOf(part)] }));
  }
  return first?.result() ?? fail();
}

/** The part of each flow. */
const partsOf = <T>(flows: readonly T[], parts: readonly number[], count: number): T[][] =>
  Array.from({ length: count }, (_, part) => flows.filter((__, at) => (parts[at % parts.length] ?? 0) % count === part));

const split = fc.array(fc.nat(11), { minLength: 50, maxLength: 50 });
const measure = fc.constantFrom(...SUMMARY_MEASURES);

describe('a summary of several parts', () => {
  it('equals the summary of one pass, in every number and in its order, while it is exact', () => {
    fc.assert(
      fc.property(
        fc.array(anyFlow(6), { maxLength: 250 }),
        split,
        fc.integer({ min: 2, max: 4 }),
        measure,
        fc.integer({ min: 1, max: 30 }),
        (flows, parts, count, orderBy, top) => {
          const request = { ...EVERYTHING, orderBy, top };
          const whole = summaryOf(flows, request).result();
          expect(merged(partsOf(flows, parts, count).map((part) => summaryOf(part, request)))).toEqual(whole);
          expect(whole.keys.every(({ exact }) => exact)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('equals it with more keys than the first counters, none of which is in both parts', () => {
    const flows = Array.from({ length: 9_000 }, (_, at): Flow => ({ ...FLOW, mark: at % 7_000 }));
    const request: SummaryRequest = { by: ['mark', 'protocol'], top: 1000, orderBy: 'entries' };
    const parts = [flows.filter(({ mark = 0 }) => mark < 3_500), flows.filter(({ mark = 0 }) => mark >= 3_500)];
    const result = merged(parts.map((part) => summaryOf(part, request)));
    expect(result).toEqual(summaryOf(flows, request).result());
    expect(result.keys[0]).toMatchObject({ exact: true, distinct: 7_000 });
  });

  it('is the other part if one part is empty', () => {
    const flows = [1, 2, 2].map((host): Flow => ({ ...FLOW, hosts: [host, 9, 9, host] }));
    const whole = summaryOf(flows, EVERYTHING).result();
    expect(merged([summaryOf([], EVERYTHING), summaryOf(flows, EVERYTHING)])).toEqual(whole);
    expect(merged([summaryOf(flows, EVERYTHING), summaryOf([], EVERYTHING)])).toEqual(whole);
  });

  it('is sent to another thread without a copy', () => {
    const part = summaryOf([FLOW], EVERYTHING).counted();
    structuredClone(part, { transfer: [...buffersOf(part)] });
    const arrays = [part.timeouts.counts, ...part.keys.flatMap(({ words, counters }) => [words, ...arraysOf(counters)])];
    expect(arrays).toHaveLength(1 + 8 * SUMMARY_KEYS.length);
    expect(arrays.map(({ byteLength }) => byteLength)).toEqual(arrays.map(() => 0));
  });
});

/** Few keys have most entries, or all have about as many. */
const flows = fc.tuple(fc.integer({ min: 10, max: 90 }), fc.constantFrom(1, 2, 4), fc.integer()).map(([hosts, skew, seed]) => {
  // The numbers of fast-check are mostly near 0.
  const random = new Random(seed);
  const next = (): number => random.below(2 ** 20) / 2 ** 20;
  return Array.from({ length: 600 }, (): Flow => {
    const host = 1 + Math.floor(next() ** skew * hosts);
    const bytes = Math.floor(next() * 1_000);
    return { ...FLOW, hosts: [host, 1 + (host % 3), 9, 9], counters: next() < 0.2 ? [] : [{ packets: bytes % 7, bytes }] };
  });
});
/** How many counters each part has. */
const counters = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }));

interface Merged {
  readonly truth: ReadonlyMap<string, NaiveSums>;
  readonly total: number;
  readonly result: SummaryResult;
  readonly key: KeySummary;
}

function forMerged(check: (given: Merged, orderBy: SummaryMeasure) => void): void {
  fc.assert(
    fc.property(flows, split, measure, counters, (given, parts, orderBy, capacities) => {
      const request: SummaryRequest = { by: ['pair'], top: 1000, orderBy };
      const result = merged(partsOf(given, parts, 2).map((part, at) => summaryOf(part, request, capacities[at])));
      const truth = naiveSums('pair', given);
      const total = [...truth.values()].reduce((sum, each) => sum + each[orderBy], 0);
      check({ truth, total, result, key: result.keys[0] ?? fail() }, orderBy);
    }),
    { numRuns: 60 },
  );
}

describe('a summary of parts with more keys than counters', () => {
  it('never underestimates the weight of a row, and overestimates it by at most the error of the row', () => {
    forMerged(({ truth, key: { top, exact, error = 0 } }, orderBy) => {
      for (const row of top) {
        const sums = truth.get(keyText(row)) ?? fail();
        const weight = Number(row[orderBy] ?? 0);
        expect(weight).toBeGreaterThanOrEqual(sums[orderBy]);
        expect(weight).toBeLessThanOrEqual(sums[orderBy] + (row.error ?? 0));
        expect(row.error ?? 0).toBeLessThanOrEqual(error);
        if (exact) expect(row.error).toBeUndefined();
      }
    });
  });

  it('contains every key above its share, omits none above the error, and bounds the error by the share', () => {
    forMerged(({ truth, total, key: { top, exact, error = 0, counters: count = Infinity } }, orderBy) => {
      const rows = new Set(top.map(keyText));
      for (const [key, sums] of truth) {
        if (sums[orderBy] > total / count) expect(rows).toContain(key);
        if (!rows.has(key)) expect(sums[orderBy]).toBeLessThanOrEqual(error);
      }
      expect(error).toBeLessThanOrEqual(total / count);
      if (exact) expect(rows.size).toBe(truth.size);
    });
  });

  it('has complete other sums in rows without an error, and lower bounds in the others', () => {
    forMerged(({ truth, key: { top } }, orderBy) => {
      for (const row of top) {
        for (const other of SUMMARY_MEASURES.filter((each) => each !== orderBy)) {
          const sum = truth.get(keyText(row))?.[other] ?? fail();
          if (row.error === undefined) expect(Number(row[other] ?? 0)).toBe(sum);
          else expect(Number(row[other] ?? 0)).toBeLessThanOrEqual(sum);
        }
      }
    });
  });

  it('reports a lower bound of the distinct keys, which exceeds the counters', () => {
    forMerged(({ truth, key: { distinct, exact, counters: count = 0 } }) => {
      if (exact) expect(distinct).toBe(truth.size);
      expect(distinct).toBeLessThanOrEqual(truth.size);
      expect(distinct).toBeGreaterThan(exact ? -1 : count);
    });
  });

  it('adds up to all entries, unless the rows overestimate more than all others have', () => {
    forMerged(({ result, key: { top, other, without } }) => {
      for (const each of SUMMARY_MEASURES) {
        const rows = [...top, without].reduce((sum, part) => sum + Number(part[each] ?? 0), 0);
        expect(Number(other[each] ?? 0)).toBe(Math.max(0, Number(result[each] ?? 0) - rows));
      }
    });
  });

  it('finds the few heavy sources in a flood of spoofed ones that reaches only one part', () => {
    const request: SummaryRequest = { by: ['source'], top: 2, orderBy: 'entries' };
    const [flooded, quiet] = [new EntrySummary(request, 1000), new EntrySummary(request, 1000)];
    const view = new EntryView();
    for (let entry = 0; entry < 100_000; entry += 1) {
      fill(view, { ...FLOW, hosts: [entry % 20 === 0 ? 1 : 3, 9, 9, 1] });
      if (entry % 20 !== 0) view.bytes.set([100, entry >>> 16, entry >>> 8, entry], view.original.source);
      flooded.add(view);
      if (entry % 2 === 0) quiet.add(fill(view, { ...FLOW, hosts: [entry % 4 === 0 ? 1 : 2, 9, 9, 1] }));
    }
    const [key] = merged([quiet, flooded]).keys;
    // Each source may also have had the least weight of the flood, unless it had a counter there.
    const error = key?.error ?? 0;
    expect(error).toBeLessThanOrEqual(100);
    expect(key).toMatchObject({ exact: false, counters: 1000 });
    expect(key?.top).toEqual([
      { source: '10.0.0.1', entries: 30_000 },
      { source: '10.0.0.2', entries: 25_000 + error, error },
    ]);
  });
});

describe('the memory of a summary', () => {
  it('is asked for together with what is allocated and not in use yet', () => {
    const asked: number[] = [];
    const request: SummaryRequest = { by: ['mark', 'zone'], top: 1, orderBy: 'entries' };
    const summary = new EntrySummary(request, undefined, (bytes) => asked.push(bytes) > 0);
    const view = new EntryView();
    for (let mark = 0; mark < 1_025; mark += 1) summary.add(fill(view, { ...FLOW, mark }));
    const [markBytes, zoneBytes] = [4 + 96, 8 + 96];
    expect(asked).toEqual([2 * 1_024 * markBytes + 1_023 * zoneBytes]);
  });

  it('may run out during the merge: the result is then not exact', () => {
    const request: SummaryRequest = { by: ['mark'], top: 1, orderBy: 'entries' };
    const [first, second] = [new EntrySummary(request, undefined, () => false), new EntrySummary(request)];
    const view = new EntryView();
    for (let mark = 0; mark < 1_000; mark += 1) first.add(fill(view, { ...FLOW, mark }));
    for (let mark = 999; mark < 3_000; mark += 1) second.add(fill(view, { ...FLOW, mark }));
    expect(merged([first, second]).keys).toMatchObject([
      { exact: false, counters: 1_024, distinct: 3_000, error: 1, top: [{ mark: 999, entries: 2 }] },
    ]);
  });
});

function fail(): never {
  throw new Error('expected a row of a known key');
}
