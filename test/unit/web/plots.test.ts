import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../web/api/documents.ts';
import { toMarks } from '../../../web/plots/marks.ts';
import { countersIn, extentOf, RANGES, rateColumns, usageColumns } from '../../../web/plots/series.ts';
import { HISTORY_SAMPLES_MAX, HISTORY_STEPS } from '../../../src/domain/history/steps.ts';

const at = (seconds: number): string => new Date(1_800_000_000_000 + seconds * 1000).toISOString();
const history = (...samples: readonly Omit<Sample, 'readings'>[]) => ({
  stepSeconds: 10 as const,
  samples: samples.map((sample): Sample => ({ readings: 1, ...sample })),
});
const times = (columns: readonly (readonly (number | null)[])[]): readonly number[] =>
  (columns[0] ?? []).map((time) => (time ?? Number.NaN) - 1_800_000_000);

describe('the usage plot', () => {
  it('has count, its peak and max', () => {
    const [, peak, count, max] = usageColumns(
      history({ at: at(0), count: 10, countPeak: 14, max: 100 }, { at: at(10), count: 11, max: 100 }),
    );
    expect([count, peak, max]).toEqual([
      [10, 11],
      [14, 11],
      [100, 100],
    ]);
  });

  it('has a gap where there are no samples', () => {
    const columns = usageColumns(history({ at: at(0), count: 1 }, { at: at(10), count: 2 }, { at: at(60), count: 3 }));
    expect(times(columns)).toEqual([0, 10, 20, 60]);
    expect(columns[2]).toEqual([1, 2, null, 3]);
  });

  it('has no line for an unlimited max or for unreadable values', () => {
    expect(usageColumns(history({ at: at(0), max: 0 }))).toEqual([[1_800_000_000], [null], [null], [null]]);
  });
});

describe('rates', () => {
  it('are increments divided by their seconds', () => {
    const sample = { at: at(0), seconds: 9.5, increments: { drop: 19, invalid: 0 } };
    expect(rateColumns(history(sample), ['drop', 'invalid', 'early_drop'])).toEqual([[1_800_000_000], [2], [0], [null]]);
  });

  it('are unknown without increments, as after a start', () => {
    expect(rateColumns(history({ at: at(0), count: 5 }, { at: at(10), increments: { drop: 1 } }), ['drop'])[1]).toEqual([null, null]);
  });

  it('are those of the counters that this kernel has, most severe first', () => {
    expect(countersIn([{ readings: 1, at: at(0), increments: { found: 1, invalid: 0, drop: 0, early_drop: 3 } }])).toEqual([
      'drop',
      'early_drop',
      'invalid',
    ]);
    expect(countersIn([])).toEqual([]);
  });
});

it('the extent of a line ignores unknown values', () => {
  expect(extentOf([null, 3, 1, null])).toEqual({ minimum: 1, maximum: 3, last: 1 });
  expect(extentOf([null])).toBeUndefined();
  expect(extentOf(undefined)).toBeUndefined();
});

it('overlapping changes share a mark, and changes outside the axis have none', () => {
  const marks = toMarks([-1, 0, 10, 23, 24, 100, 101], (place) => place, 100, 24);
  expect(marks).toEqual([
    { left: 0, items: [0, 10, 23] },
    { left: 24, items: [24] },
    { left: 100, items: [100] },
  ]);
});

it('every range requests a step that the service stores, within its limit of samples', () => {
  for (const { seconds, stepSeconds } of RANGES) {
    expect(HISTORY_STEPS).toContain(stepSeconds);
    expect(seconds / stepSeconds + 1).toBeLessThanOrEqual(HISTORY_SAMPLES_MAX);
  }
});
