import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHAIN_LIMITS, leastBuckets, NEGLIGIBLE_CHANCE, refusalChance } from '../../../../src/domain/sizing/refusal-chance.ts';

const [STRICT, TODAY] = CHAIN_LIMITS;

describe('the chance that a new flow is refused at a full table', () => {
  // Measured and computed independently of this code; in percent.
  it.each([
    [1, 0.002, 0],
    [2, 0.28, 0],
    [4, 9, 0],
    [8, 56, 0],
    [16, 99, 0.02],
    [32, 100, 72],
  ])('with %d entries a bucket is %d %% under the limit 8 to 31, %d %% under 50 to 79', (ratio, strict, today) => {
    const near = (percent: number): number => (percent === 0 ? 0.001 : percent * 0.25);
    expect(Math.abs(100 * refusalChance(2 * ratio, STRICT) - strict)).toBeLessThanOrEqual(Math.min(1, near(strict)));
    expect(Math.abs(100 * refusalChance(2 * ratio, TODAY) - today)).toBeLessThanOrEqual(Math.min(1, near(today)));
  });

  it('matches a simulation with random chains', () => {
    const ratio = 4;
    const buckets = 512;
    let seed = 1;
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    let refused = 0;
    const tries = 200;
    for (let table = 0; table < tries; table += 1) {
      const lengths = new Uint16Array(buckets);
      for (let link = 0; link < 2 * ratio * buckets; link += 1) {
        const bucket = Math.floor(random() * buckets);
        lengths[bucket] = (lengths[bucket] ?? 0) + 1;
      }
      for (let flow = 0; flow < 500; flow += 1) {
        const isTooLong = (): boolean => (lengths[Math.floor(random() * buckets)] ?? 0) > 8 + Math.floor(random() * 24);
        const first = isTooLong();
        if (isTooLong() || first) refused += 1;
      }
    }
    expect(refused / (500 * tries)).toBeCloseTo(refusalChance(2 * ratio, STRICT), 2);
  });

  it('rises with the chain length, from 0 to 1', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 500, noNaN: true }), fc.double({ min: 0, max: 500, noNaN: true }), (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((chain) => refusalChance(chain, TODAY));
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual((high ?? 0) + 1e-12);
      }),
    );
  });
});

describe('the fewest buckets', () => {
  it.each([1, 512, 65_536, 262_144, 1_048_576, 100_000_000])(
    'for %d entries refuse next to nothing, and one quantum fewer does',
    (entries) => {
      const buckets = leastBuckets(entries, 512);
      expect(buckets % 512).toBe(0);
      expect(refusalChance((2 * entries) / buckets, STRICT)).toBeLessThanOrEqual(NEGLIGIBLE_CHANCE);
      if (buckets > 512) expect(refusalChance((2 * entries) / (buckets - 512), STRICT)).toBeGreaterThan(NEGLIGIBLE_CHANCE);
      expect(buckets).toBeLessThanOrEqual(Math.max(512, entries));
    },
  );
});
