import { describe, expect, it } from 'vitest';
import { Shares } from '../../../src/application/shares.ts';

describe('shares', () => {
  it.each([
    [1, 1],
    [2, 1],
    [5, 3],
    [12, 6],
  ])('of %i places are %i for one owner', (places, share) => {
    const shares = new Shares(places);
    const releases = Array.from({ length: share }, () => {
      expect(shares.hasReached('one')).toBe(false);
      return shares.take('one');
    });
    expect(shares.hasReached('one')).toBe(true);
    expect(shares.hasReached('other')).toBe(false);
    expect(shares.hasReached(undefined)).toBe(false);
    releases[0]?.();
    expect(shares.hasReached('one')).toBe(false);
  });
});
