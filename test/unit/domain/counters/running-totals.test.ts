import { beforeEach, describe, expect, it } from 'vitest';
import { RunningTotals } from '../../../../src/domain/counters/running-totals.ts';

const MOST = 2 ** 32 - 1;

let totals: RunningTotals;
beforeEach(() => {
  totals = new RunningTotals();
});

const add = (...perCpu: Readonly<Record<string, number>>[]): object => Object.fromEntries(totals.add({ perCpu }));

describe('running totals', () => {
  it('start with what the kernel has counted, summed over all processors', () => {
    expect(add({ drop: 3, found: 1 }, { drop: 4, found: 0 })).toEqual({ drop: 7, found: 1 });
  });

  it('follow a counter of one processor that wraps', () => {
    add({ found: MOST - 5 }, { found: 10 });
    expect(add({ found: 4 }, { found: 11 })).toEqual({ found: MOST - 5 + 10 + 10 + 1 });
  });

  it('continue when the counters restart at zero, and do not mistake that for a wrap', () => {
    add({ drop: 1_000 }, { drop: 0 });
    expect(add({ drop: 2 }, { drop: 0 })).toEqual({ drop: 1_002 });
  });

  it('never decrease', () => {
    let before = 0;
    for (const found of [10, MOST, 3, 2_000_000_000, 4_000_000_000, 100, 0, 7]) {
      const [now = -1] = Object.values(add({ found })) as number[];
      expect(now).toBeGreaterThanOrEqual(before);
      before = now;
    }
  });

  it('leave out a counter that the kernel no longer has, instead of showing 0', () => {
    add({ drop: 1, ignore: 2 });
    expect(add({ drop: 1, clashres: 5 })).toEqual({ drop: 1, clashres: 5 });
  });

  it('include everything that a processor added later has counted', () => {
    add({ drop: 1 });
    expect(add({ drop: 1 }, { drop: 6 })).toEqual({ drop: 7 });
  });
});
