import { describe, expect, it } from 'vitest';
import { RateLimits } from '../../../../src/http/limits/rate-limits.ts';

const ADDRESS = '192.0.2.1';
const FAILURES = 20;

function limits(): RateLimits {
  return new RateLimits(100, () => 0);
}

function failOften(subject: RateLimits): void {
  for (let index = 0; index < FAILURES; index += 1) subject.failed(ADDRESS, `wrong-${String(index)}`);
}

describe('rate limits', () => {
  it.each([1, 86, 256, 257, 1_200, 15_000])(
    'admit a verified token of %i characters after many invalid tokens from its address',
    (length) => {
      const [subject, token] = [limits(), 'x'.repeat(length)];
      subject.verified(token);
      failOften(subject);
      expect(subject.count(ADDRESS, token)).toMatchObject({ policy: 'token', waitMilliseconds: 0 });
      expect(subject.count(ADDRESS, 'y'.repeat(length))).toMatchObject({ policy: 'failures' });
    },
  );

  it('distinguish long tokens that differ in their last character only', () => {
    const [subject, start] = [limits(), 'x'.repeat(2_000)];
    subject.verified(`${start}1`);
    failOften(subject);
    expect(subject.count(ADDRESS, `${start}2`)).toMatchObject({ policy: 'failures' });
  });

  it.each([86, 2_000])('count a token of %i characters that has become invalid against its address', (length) => {
    const [subject, token] = [limits(), 'x'.repeat(length)];
    subject.verified(token);
    subject.failed(ADDRESS, token);
    expect(subject.count(ADDRESS, token)).toMatchObject({ policy: 'address' });
    failOften(subject);
    expect(subject.count(ADDRESS, token)).toMatchObject({ policy: 'failures' });
  });

  it('give each long token its own quota', () => {
    const [subject, one, other] = [new RateLimits(1, () => 0), 'x'.repeat(900), 'y'.repeat(900)];
    subject.verified(one);
    subject.verified(other);
    for (let index = 0; index < 4; index += 1) expect(subject.count(ADDRESS, one)?.waitMilliseconds).toBe(0);
    expect(subject.count(ADDRESS, one)?.waitMilliseconds).toBeGreaterThan(0);
    expect(subject.count(ADDRESS, other)?.waitMilliseconds).toBe(0);
  });
});
