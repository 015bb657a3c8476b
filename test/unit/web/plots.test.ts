import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../web/api/answers.ts';
import { toMarks } from '../../../web/plots/marks.ts';
import { RANGES } from '../../../web/plots/ranges.ts';
import { countersIn, extentOf, rateColumns, usageColumns } from '../../../web/plots/series.ts';
import { HISTORY_SAMPLES_MAX, HISTORY_STEPS } from '../../../src/domain/history/steps.ts';

const at = (seconds: number): string => new Date(1_800_000_000_000 + seconds * 1000).toISOString();
const history = (...samples: readonly Sample[]) => ({ stepSeconds: 10, samples });
const times = (columns: readonly (readonly (number | null)[])[]): readonly number[] =>
  (columns[0] ?? []).map((time) => (time ?? Number.NaN) - 1_800_000_000);

describe('use over time', () => {
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

  it('is open where nothing was seen, and not joined over it', () => {
    const columns = usageColumns(history({ at: at(0), count: 1 }, { at: at(10), count: 2 }, { at: at(60), count: 3 }));
    expect(times(columns)).toEqual([0, 10, 20, 60]);
    expect(columns[2]).toEqual([1, 2, null, 3]);
  });

  it('has no line for an unlimited maximum, nor for what could not be read', () => {
    expect(usageColumns(history({ at: at(0), max: 0 }))).toEqual([[1_800_000_000], [null], [null], [null]]);
  });
});

describe('rates', () => {
  it('are increments over the seconds they are of', () => {
    const sample = { at: at(0), seconds: 9.5, increments: { drop: 19, invalid: 0 } };
    expect(rateColumns(history(sample), ['drop', 'invalid', 'early_drop'])).toEqual([[1_800_000_000], [2], [0], [null]]);
  });

  it('are not known after a start, where there are no increments', () => {
    expect(rateColumns(history({ at: at(0), count: 5 }, { at: at(10), increments: { drop: 1 } }), ['drop'])[1]).toEqual([null, null]);
  });

  it('are of the counters that this kernel has, worst first', () => {
    expect(countersIn([{ at: at(0), increments: { found: 1, invalid: 0, drop: 0, early_drop: 3 } }])).toEqual([
      'drop',
      'early_drop',
      'invalid',
    ]);
    expect(countersIn([])).toEqual([]);
  });
});

it('the extent of a line leaves out what is not known', () => {
  expect(extentOf([null, 3, 1, null])).toEqual({ least: 1, most: 3, last: 1 });
  expect(extentOf([null])).toBeUndefined();
  expect(extentOf(undefined)).toBeUndefined();
});

it('changes that would overlap share a mark, and those beside the axis have none', () => {
  const marks = toMarks([-1, 0, 10, 23, 24, 100, 101], (place) => place, 100, 24);
  expect(marks).toEqual([
    { left: 0, items: [0, 10, 23] },
    { left: 24, items: [24] },
    { left: 100, items: [100] },
  ]);
});

it('every range asks for a step that the service keeps, in no more samples than it gives', () => {
  for (const { seconds, stepSeconds } of RANGES) {
    expect(HISTORY_STEPS).toContain(stepSeconds);
    expect(seconds / stepSeconds + 1).toBeLessThanOrEqual(HISTORY_SAMPLES_MAX);
  }
});
