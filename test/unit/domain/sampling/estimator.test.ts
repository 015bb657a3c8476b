import { describe, expect, it } from 'vitest';
import { Estimator, likelyKeys } from '../../../../src/domain/sampling/estimator.ts';
import { Random } from '../../../reliability/clients/random.ts';

const ENTRIES = 200_000;
const ROWS = 10;

/** Share of the rows whose interval has the true number, in a table where each key has so many entries. */
function coverage(entriesOfKey: number, size: number): number {
  const estimator = new Estimator({ size, entries: ENTRIES });
  const random = new Random(entriesOfKey);
  let containing = 0;
  const samples = 60;
  for (let sample = 0; sample < samples; sample += 1) {
    const read = new Set<number>();
    while (read.size < size) read.add(random.below(ENTRIES));
    const counts = new Map<number, number>();
    for (const entry of read) counts.set(Math.floor(entry / entriesOfKey), (counts.get(Math.floor(entry / entriesOfKey)) ?? 0) + 1);
    const seen = [...counts.values()].sort((one, other) => other - one);
    const keysWith = (entries: number): number => seen.filter((each) => each === entries).length;
    const keys = likelyKeys(seen.length, keysWith(1), keysWith(2), ENTRIES - size);
    const estimates = seen.slice(0, ROWS).map((each) => estimator.ofRow(each, 0, { rows: ROWS, keys }));
    containing += estimates.filter(({ low, high }) => low <= entriesOfKey && entriesOfKey <= high).length;
  }
  return containing / (samples * ROWS);
}

describe('the intervals of the largest rows', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [5, 1_000],
    [10, 2_000],
    [30, 10_000],
  ])('contain the true number even if all keys have %i entries, and most are not in the sample of %i', (entriesOfKey, size) => {
    expect(coverage(entriesOfKey, size)).toBeGreaterThan(0.95);
  });
});

describe('the number of keys', () => {
  it('is what was seen if no key was seen only once, and at most one more for each entry that was not read', () => {
    expect(likelyKeys(3, 0, 0, 1_000)).toBe(3);
    expect(likelyKeys(4, 1, 0, 1_000)).toBe(4);
    expect(likelyKeys(100, 100, 0, 1_000)).toBe(1_100);
    expect(likelyKeys(100, 60, 20, 1_000)).toBeCloseTo(184.3, 1);
  });
});
