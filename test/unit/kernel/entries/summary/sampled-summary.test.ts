import { describe, expect, it } from 'vitest';
import type { Estimate, SummaryKey } from '../../../../../src/domain/entry-summary.ts';
import { EntryView } from '../../../../../src/kernel/entries/entry-view.ts';
import { EntrySummary } from '../../../../../src/kernel/entries/summary/summary-builder.ts';
import { Random } from '../../../../reliability/clients/random.ts';
import { fill, type Flow, FLOW } from './flow.ts';
import { keyText, naiveSums } from './naive-summary.ts';
import { sampleOf, TABLES, tableOf, type TableName } from './sampled-tables.ts';

const BY: readonly SummaryKey[] = ['mark', 'destinationPort', 'zone', 'state', 'protocol'];
const NAMES = Object.keys(TABLES) as TableName[];
const TABLES_EACH = 35;
const ENTRIES = 6_000;
const COVERAGE = 0.93;

/** How many intervals contain the true number. */
class Coverage {
  intervals = 0;
  private containing = 0;

  add({ low, high }: Estimate = fail(), truth: number = fail()): void {
    // An interval of one number is no estimate.
    if (low === high && low === truth) return;
    this.intervals += 1;
    if (low <= truth && truth <= high) this.containing += 1;
  }

  get share(): number {
    return this.containing / this.intervals;
  }
}

type Coverages = (kind: string) => Pick<Coverage, 'add'>;

function addRows(table: readonly Flow[], sample: number, coverage: Coverages): void {
  const result = sampleOf(table, { by: BY, top: 10, sample });
  for (const { by, top } of result.keys) {
    const truth = naiveSums(by, table);
    for (const row of top) coverage(`rows by ${by}`).add(row.estimate, truth.get(keyText(row))?.entries);
  }
  for (const { fromSeconds, belowSeconds = Infinity, estimate } of result.timeouts) {
    const truth = table.filter(({ timeout }) => timeout >= fromSeconds && timeout < belowSeconds).length;
    coverage('timeouts').add(estimate, truth);
  }
}

/** Groups that are chosen before the sample is read, also of less than one entry in the sample. */
function addFilters(table: readonly Flow[], sample: number, coverage: Coverages): void {
  for (const [kind, matches] of FILTERS) {
    const { estimate, keys } = sampleOf(table, { by: ['state'], top: 1, sample }, matches);
    coverage(kind).add(estimate, table.filter(matches).length);
    const withoutState = table.filter((flow) => matches(flow) && flow.state < 0).length;
    coverage('entries without the key').add(keys[0]?.without.estimate, withoutState);
  }
}

const FILTERS = [
  ['a small group', ({ mark = 0 }: Flow) => mark === 3],
  ['a group of some entries', ({ mark = 0 }: Flow) => mark > 10 && mark < 50],
  ['a large group', ({ timeout }: Flow) => timeout > 300],
] as const;

/** By the distribution of the table, and by what the intervals are of. */
const coverages = new Map<string, Coverage>();
for (const [at, name] of NAMES.entries()) {
  const coverage: Coverages = (kind) => ({
    add: (estimate, truth) => {
      for (const each of [name, kind, 'all']) {
        const counted = coverages.get(each) ?? new Coverage();
        coverages.set(each, counted);
        counted.add(estimate, truth);
      }
    },
  });
  for (let number = 0; number < TABLES_EACH; number += 1) {
    const random = new Random(1_000 * at + number);
    const table = tableOf(name, ENTRIES, random);
    const sample = 300 + random.below(300);
    addRows(table, sample, coverage);
    addFilters(table, sample, coverage);
  }
}

describe(`the intervals of ${TABLES_EACH * NAMES.length} sampled tables`, () => {
  it.each([...coverages])('contain the true number: %s', (_, { share, intervals }) => {
    expect(intervals).toBeGreaterThan(200);
    expect(share).toBeGreaterThan(COVERAGE);
  });
});

describe('the estimates of a sampled summary', () => {
  const table = tableOf('one source has half of the flows, and the others one to five in the sample', ENTRIES, new Random(1));
  const result = sampleOf(table, { by: ['mark', 'protocol'], top: 5, sample: 600 });

  it('are the share of the sample, in a narrow interval for a large group', () => {
    const [row] = result.keys[0]?.top ?? [];
    const { share, entries, low, high } = row?.estimate ?? fail();
    expect([share, entries]).toEqual([(row?.entries ?? 0) / 600, (row?.entries ?? 0) * 10]);
    // The standard deviation is 116: sqrt(0.25 / 600 * 0.9) * 6,000. The row is one of 5 of about 100.
    expect((high - entries) / 116).toBeCloseTo(1.96, 1);
    expect((entries - low) / 116).toBeCloseTo(3, 0);
  });

  it('have a wider lower side only if rows were selected from more keys', () => {
    const { top } = result.keys[1] ?? fail();
    const { entries, low, high } = top[0]?.estimate ?? fail();
    expect(top).toHaveLength(3);
    expect(entries - low).toBeGreaterThan(0);
    expect((entries - low) / (high - entries)).toBeCloseTo(1, 1);
  });

  it('are absent for the other keys, which the sample has selected, and for the exact summary of a whole table', () => {
    for (const { other } of result.keys) expect(other).not.toHaveProperty('estimate');
    const whole = new EntrySummary({ by: ['mark'], top: 5, orderBy: 'entries', sample: 1_000 });
    whole.add(fill(new EntryView(), FLOW));
    const sample = { size: 1, entries: 1, exact: true, confidence: 0.95 };
    const exact = whole.result(sample);
    expect(exact.sample).toEqual(sample);
    expect(JSON.stringify(exact)).not.toContain('estimate');
  });

  it('include the error of rows that are not exact', () => {
    const spoofed = tableOf('each flow has its own source', ENTRIES, new Random(2));
    const [key] = sampleOf(spoofed, { by: ['mark'], top: 10, sample: 600 }, undefined, 100).keys;
    const rows = key?.top ?? [];
    expect(rows).toHaveLength(10);
    expect(rows.map(({ entries }) => entries)).toEqual(rows.map(() => 6));
    for (const { estimate } of rows) expect(estimate).toMatchObject({ entries: 60, low: 1 });
  });
});

function fail(): never {
  throw new Error('expected an estimate, and a group of the table');
}
