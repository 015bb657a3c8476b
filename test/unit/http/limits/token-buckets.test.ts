import { describe, expect, it } from 'vitest';
import { TokenBuckets } from '../../../../src/http/limits/token-buckets.ts';

function bucketsAt(perSecond: number, burst: number, capacity = 10) {
  const clock = { now: 1_000 };
  return { clock, buckets: new TokenBuckets(perSecond, burst, capacity, () => clock.now) };
}

describe('a token bucket', () => {
  it('allows its burst at once, then one at a time, and returns the wait', () => {
    const { clock, buckets } = bucketsAt(10, 3);
    expect([1, 2, 3].map(() => buckets.take('a'))).toEqual([0, 0, 0]);
    expect([buckets.take('a'), buckets.remaining('a')]).toEqual([100, 0]);
    clock.now += 60;
    expect(buckets.take('a')).toBe(40);
    clock.now += 40;
    expect([buckets.take('a'), buckets.take('a')]).toEqual([0, 100]);
  });

  it('is full again after the refill time, and never more than full', () => {
    const { clock, buckets } = bucketsAt(10, 3);
    for (let n = 0; n < 3; n += 1) buckets.take('a');
    clock.now += 10_000;
    expect(buckets.remaining('a')).toBe(3);
    expect([1, 2, 3, 4].map(() => buckets.take('a'))).toEqual([0, 0, 0, 100]);
  });

  it('is separate for each key', () => {
    const { buckets } = bucketsAt(1, 1);
    expect([buckets.take('a'), buckets.take('b'), buckets.take('a')]).toEqual([0, 0, 1_000]);
  });

  it('can be read without taking', () => {
    const { buckets } = bucketsAt(1, 1);
    expect([buckets.waitMilliseconds('a'), buckets.waitMilliseconds('a'), buckets.take('a')]).toEqual([0, 0, 0]);
    expect(buckets.waitMilliseconds('a')).toBe(1_000);
  });

  it('is dropped if others were used since, so that memory is bounded', () => {
    const { buckets } = bucketsAt(1, 1, 2);
    for (const key of ['a', 'b', 'c']) buckets.take(key);
    expect([buckets.waitMilliseconds('a'), buckets.waitMilliseconds('b')]).toEqual([0, 1_000]);
  });
});
