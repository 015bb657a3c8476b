import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fewestInTable, mostInTable, type Population } from '../../../../src/domain/sampling/hypergeometric.ts';

const TAILS = [0.025, 0.001, 1e-6];

function choose(from: number, chosen: number): bigint {
  if (chosen < 0 || chosen > from) return 0n;
  let result = 1n;
  for (let at = 1; at <= chosen; at += 1) result = (result * BigInt(from - chosen + at)) / BigInt(at);
  return result;
}

/** How probable each number in the sample is: exact fractions, rounded once. */
function distribution(group: number, { size, entries }: Population): readonly number[] {
  const all = choose(entries, size);
  const scale = 10n ** 30n;
  return Array.from(
    { length: size + 1 },
    (_, seen) => Number((choose(group, seen) * choose(entries - group, size - seen) * scale) / all) / 1e30,
  );
}

/** The numbers that a group can have, unless the sample has too many or too few of it by an event of this probability. */
function plausible(seen: number, population: Population, tail: number): readonly number[] {
  const groups = Array.from({ length: population.entries + 1 }, (_, group) => group);
  return groups.filter((group) => {
    const each = distribution(group, population);
    const sum = (some: readonly number[]): number => some.reduce((total, one) => total + one, 0);
    const isMore = (some: readonly number[]): boolean => sum(some) > tail * (1 + 1e-9);
    return isMore(each.slice(seen)) && isMore(each.slice(0, seen + 1));
  });
}

const populations = fc
  .integer({ min: 1, max: 60 })
  .chain((entries) => fc.tuple(fc.constant(entries), fc.integer({ min: 1, max: entries })))
  .chain(([entries, size]) => fc.record({ population: fc.constant({ entries, size }), seen: fc.integer({ min: 0, max: size }) }));

describe('the limits of a number in the table', () => {
  it('are the least and the greatest that the sample does not exclude, as exact fractions show', () => {
    fc.assert(
      fc.property(populations, fc.constantFrom(...TAILS), ({ population, seen }, tail) => {
        const wanted = plausible(seen, population, tail);
        expect([fewestInTable(seen, population, tail), mostInTable(seen, population, tail)]).toEqual([wanted[0], wanted.at(-1)]);
      }),
      { numRuns: 150 },
    );
  });

  it.each([20, 40, 1_000])('exclude what is exactly as probable as allowed: one of %d', (entries) => {
    expect(mostInTable(0, { size: 1, entries }, 1 / entries)).toBe(entries - 2);
    expect(fewestInTable(1, { size: 1, entries }, 1 / entries)).toBe(2);
  });

  it('are those of the binomial distribution if the table is much larger than the sample', () => {
    const population = { size: 100, entries: 10_000_000 };
    // Clopper-Pearson, 10 of 100: 4.90 % to 17.62 %. 0 of 100: 0 to 3.62 %.
    expect(fewestInTable(10, population, 0.025) / population.entries).toBeCloseTo(0.049, 4);
    expect(mostInTable(10, population, 0.025) / population.entries).toBeCloseTo(0.1762, 4);
    expect(fewestInTable(0, population, 0.025)).toBe(0);
    expect(mostInTable(0, population, 0.025) / population.entries).toBeCloseTo(0.0362, 4);
  });

  it('approach the normal distribution with the correction for a finite population, also in the largest table', () => {
    const population = { size: 5_000_000, entries: 10_000_000 };
    const [seen, expected] = [1_000_000, 2_000_000];
    const deviation = 10_000_000 * Math.sqrt(((0.2 * 0.8) / population.size) * 0.5);
    expect((expected - fewestInTable(seen, population, 0.025)) / deviation).toBeCloseTo(1.96, 2);
    expect((mostInTable(seen, population, 0.025) - expected) / deviation).toBeCloseTo(1.96, 2);
  });

  it('are the number itself if the whole table was read, and never fewer than were seen', () => {
    expect([fewestInTable(7, { size: 50, entries: 50 }, 0.025), mostInTable(7, { size: 50, entries: 50 }, 0.025)]).toEqual([7, 7]);
    expect(fewestInTable(3, { size: 1_000, entries: 1_100 }, 1e-12)).toBe(3);
    expect(mostInTable(1_000, { size: 1_000, entries: 1_100 }, 0.025)).toBe(1_100);
  });
});
