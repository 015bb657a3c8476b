import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCountAsExpected, mostAsExpected } from '../../../src/domain/deletion.ts';

const count = fc.integer({ min: 0, max: 2_147_483_647 });

describe('a count', () => {
  it.each([
    [0, 0, true],
    [0, 1, false],
    [1, 0, false],
    [9, 10, true],
    [8, 10, false],
    [11, 10, true],
    [12, 10, false],
    [900_000, 1_000_000, true],
    [899_999, 1_000_000, false],
  ])('of %i expected and %i found is as expected: %s', (expected, found, isExpected) => {
    expect(isCountAsExpected(expected, found)).toBe(isExpected);
  });

  it('at the maximum is as expected, and one above is not', () => {
    fc.assert(
      fc.property(count, (expected) => {
        const most = mostAsExpected(expected);
        expect([most, most + 1].map((found) => isCountAsExpected(expected, found))).toEqual([true, false]);
      }),
    );
  });
});
