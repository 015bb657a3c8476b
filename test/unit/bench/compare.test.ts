import { describe, expect, it } from 'vitest';
import { compare } from '../../../bench/harness/compare.ts';
import { median, quantile } from '../../../bench/harness/statistics.ts';
import { ratioRow, type Comparison, type Stage } from '../../../bench/harness/workload.ts';

const stage = { rounds: 3 } as Stage;
const log = (): void => undefined;

/** Returns the costs in order, and appends its name to `calls` at each call. */
function contender(name: string, calls: string[], seconds: readonly number[]): Comparison['contenders'][string] {
  let call = 0;
  return () => {
    calls.push(name);
    const wallSeconds = seconds[call++] ?? NaN;
    return Promise.resolve({ wallSeconds, cpuSeconds: wallSeconds / 2 });
  };
}

describe('a comparison', () => {
  it('runs all contenders in turns and compares their medians', async () => {
    const calls: string[] = [];
    const comparison: Comparison = {
      name: 'dump',
      contenders: { ours: contender('ours', calls, [1, 9, 2]), theirs: contender('theirs', calls, [4, 3, 5]) },
      rows: [ratioRow('dump', 'wallSeconds', ['ours', 'theirs'], 0.5)],
    };
    const [row] = await compare([comparison], stage, log);
    expect(calls).toEqual(['ours', 'theirs', 'ours', 'theirs', 'ours', 'theirs']);
    expect(row).toMatchObject({ what: 'dump, wall', value: 0.5, limit: 0.5 });
  });

  it('reports a failed contender and continues with the others', async () => {
    const calls: string[] = [];
    const failing = (): Promise<never> => {
      calls.push('ours');
      return Promise.reject(new Error('refused\n'));
    };
    const comparison: Comparison = {
      name: 'dump',
      contenders: { ours: failing, theirs: contender('theirs', calls, [4, 3, 5]) },
      rows: [ratioRow('dump', 'cpuSeconds', ['ours', 'theirs'], 0.5)],
    };
    expect(await compare([comparison], stage, log)).toMatchObject([{ what: 'dump, CPU', failure: 'ours: refused' }]);
    expect(calls).toEqual(['ours', 'theirs', 'theirs', 'theirs']);
  });
});

describe('statistics', () => {
  it('return the middle of an odd number of values in any order', () => {
    expect(median([5, 1, 10, 2, 3])).toBe(3);
  });

  it('return the value below which the share of all values lies', () => {
    const values = Array.from({ length: 100 }, (_, index) => 99 - index);
    expect(quantile(values, 0.99)).toBe(99);
    expect(quantile([], 0.99)).toBeNaN();
  });
});
