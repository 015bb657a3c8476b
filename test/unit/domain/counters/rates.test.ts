import { describe, expect, it } from 'vitest';
import type { CounterSnapshot } from '../../../../src/domain/counters/increments.ts';
import { meaningsOf } from '../../../../src/domain/counters/meanings.ts';
import { countedLately, ratesOver } from '../../../../src/domain/counters/rates.ts';

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

  it('say the time that they are really of', () => {
    expect(ratesOver(every(10, 300), at(304), 60)).toMatchObject({ seconds: 64, totals: { drop: 30 } });
    expect(ratesOver(every(40, 280), at(281), 60)).toMatchObject({ seconds: 81, totals: { drop: 30 } });
  });

  it.each([
    ['nothing was read before', [], at(300), /reach back 0 s only/],
    ['readings are too young', every(10, 50), at(50), /reach back 50 s only/],
    ['samples are too far apart', [at(0)], at(300), /too far apart/],
    ['the host was booted within the window', [at(0), at(30, 'b')], at(60, 'b'), /began anew/],
  ])('are absent with the reason where %s', (_name, earlier, now, reason) => {
    const rates = ratesOver(earlier, now, 60);
    expect(rates).not.toHaveProperty('totals');
    expect(rates).toMatchObject({ windowSeconds: 60, reason: expect.stringMatching(reason) as string });
  });
});

describe('what was counted lately', () => {
  it('is of all that is kept, and of what came after the counters began anew', () => {
    expect(countedLately([at(0), at(30)], at(30))).toMatchObject({ seconds: 30 });
    expect(countedLately([at(0), at(10)], at(30))).toMatchObject({ seconds: 30, perCpu: [{ found: 30 }, { drop: 900 }] });
    expect(countedLately([at(0), at(10), at(20, 'b')], at(30, 'b'))).toMatchObject({ seconds: 10, perCpu: [{ found: 10 }, { drop: 300 }] });
  });

  it('is not known without an earlier reading, or where they began anew since the last', () => {
    expect(countedLately([], at(30))).toBeUndefined();
    expect(countedLately([at(0), at(10)], at(20, 'b'))).toBeUndefined();
  });
});

describe('the meaning of counters', () => {
  const todays = { clashres: 0, found: 0, new: 0, invalid: 0, ignore: 0, delete: 0, chainlength: 1, drop: 2, early_drop: 0, novelty: 0 };

  it('is told in the kernel’s order, with how bad it is', () => {
    const meanings = meaningsOf({ source: 'x', perCpu: [todays, todays] });
    expect(meanings.map(({ name }) => name)).toEqual(Object.keys(todays).filter((name) => name !== 'novelty'));
    expect(meanings.find(({ name }) => name === 'chainlength')).toMatchObject({ conntrackName: 'chaintoolong', level: 'error' });
    expect(meanings.filter(({ level }) => level === 'error').map(({ name }) => name)).toEqual(['chainlength', 'drop', 'early_drop']);
  });

  it('says what today’s kernels no longer count, and does not say so of older ones', () => {
    const dead = meaningsOf({ source: 'x', perCpu: [todays] }).filter(({ alwaysZero }) => alwaysZero);
    expect(dead.map(({ name }) => name)).toEqual(['new', 'ignore', 'delete']);
    const legacy = { searched: 9, found: 3, new: 0, delete: 0, delete_list: 0 };
    expect(meaningsOf({ source: 'x', perCpu: [legacy] }).some(({ alwaysZero }) => alwaysZero)).toBe(false);
    expect(meaningsOf({ source: 'x', perCpu: [{ ...todays, new: 4 }] }).find(({ name }) => name === 'new')).not.toHaveProperty(
      'alwaysZero',
    );
  });
});
