import { describe, expect, it } from 'vitest';
import type { CounterSnapshot } from '../../../../src/domain/counters/increments.ts';
import { meaningsOf } from '../../../../src/domain/counters/meanings.ts';
import { countedRecently, ratesOver } from '../../../../src/domain/counters/rates.ts';

const WRAP = 2 ** 32;

/** `drop` rises by 30 a second on the second processor, from just before it wraps; `found` by one a second on the first. */
function at(seconds: number, bootId = 'a'): CounterSnapshot {
  return {
    source: 'ctnetlink',
    bootMilliseconds: seconds * 1000,
    bootId,
    perCpu: [
      { found: seconds, drop: 0 },
      { found: 0, drop: (WRAP - 900 + 30 * seconds) % WRAP },
    ],
  };
}

const every = (step: number, until: number): CounterSnapshot[] => Array.from({ length: until / step }, (_, n) => at(n * step));

describe('rates', () => {
  it('are per second, per processor and in total, across a wrap', () => {
    const rates = ratesOver(every(10, 300), at(300), 60);
    expect(rates).toEqual({
      windowSeconds: 60,
      seconds: 60,
      totals: { found: 1, drop: 30 },
      perCpu: [
        { found: 1, drop: 0 },
        { found: 0, drop: 30 },
      ],
    });
    expect(ratesOver(every(10, 300), at(300), 300)).toMatchObject({ seconds: 300, totals: { found: 1, drop: 30 } });
  });

  it('report the actual period', () => {
    expect(ratesOver(every(10, 300), at(304), 60)).toMatchObject({ seconds: 64, totals: { drop: 30 } });
    expect(ratesOver(every(40, 280), at(281), 60)).toMatchObject({ seconds: 81, totals: { drop: 30 } });
  });

  it.each([
    ['there is no earlier reading', [], at(300), /only 0 s old/],
    ['readings are too recent', every(10, 50), at(50), /only 50 s old/],
    ['samples are too far apart', [at(0)], at(300), /too far apart/],
    ['the host was booted within the window', [at(0), at(30, 'b')], at(60, 'b'), /restarted at zero/],
  ])('are absent, with the reason, if %s', (_name, earlier, now, reason) => {
    const rates = ratesOver(earlier, now, 60);
    expect(rates).not.toHaveProperty('totals');
    expect(rates).toMatchObject({ windowSeconds: 60, reason: expect.stringMatching(reason) as string });
  });
});

describe('recent increments', () => {
  it('cover all readings kept, or those since the counters restarted', () => {
    expect(countedRecently([at(0), at(30)], at(30))).toMatchObject({ seconds: 30 });
    expect(countedRecently([at(0), at(10)], at(30))).toMatchObject({ seconds: 30, perCpu: [{ found: 30 }, { drop: 900 }] });
    expect(countedRecently([at(0), at(10), at(20, 'b')], at(30, 'b'))).toMatchObject({
      seconds: 10,
      perCpu: [{ found: 10 }, { drop: 300 }],
    });
  });

  it('are unknown without an earlier reading, or if the counters restarted since the last one', () => {
    expect(countedRecently([], at(30))).toBeUndefined();
    expect(countedRecently([at(0), at(10)], at(20, 'b'))).toBeUndefined();
  });
});

describe('the meaning of counters', () => {
  const current = { clashres: 0, found: 0, new: 0, invalid: 0, ignore: 0, delete: 0, chainlength: 1, drop: 2, early_drop: 0, novelty: 0 };

  it('is listed in the kernel’s order, with its level', () => {
    const meanings = meaningsOf({ source: 'x', perCpu: [current, current] });
    expect(meanings.map(({ name }) => name)).toEqual(Object.keys(current).filter((name) => name !== 'novelty'));
    expect(meanings.find(({ name }) => name === 'chainlength')).toMatchObject({ conntrackName: 'chaintoolong', level: 'error' });
    expect(meanings.filter(({ level }) => level === 'error').map(({ name }) => name)).toEqual(['chainlength', 'drop', 'early_drop']);
  });

  it('marks what current kernels no longer count, but not for older kernels', () => {
    const dead = meaningsOf({ source: 'x', perCpu: [current] }).filter(({ alwaysZero }) => alwaysZero);
    expect(dead.map(({ name }) => name)).toEqual(['new', 'ignore', 'delete']);
    const legacy = { searched: 9, found: 3, new: 0, delete: 0, delete_list: 0 };
    expect(meaningsOf({ source: 'x', perCpu: [legacy] }).some(({ alwaysZero }) => alwaysZero)).toBe(false);
    expect(meaningsOf({ source: 'x', perCpu: [{ ...current, new: 4 }] }).find(({ name }) => name === 'new')).not.toHaveProperty(
      'alwaysZero',
    );
  });
});
