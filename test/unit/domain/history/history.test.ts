import { describe, expect, it } from 'vitest';
import { forecastFull } from '../../../../src/domain/history/forecast.ts';
import { gapsOf } from '../../../../src/domain/history/gaps.ts';
import type { HistorySample } from '../../../../src/domain/history/sample.ts';
import { chooseStep, HISTORY_SAMPLES_MAX, HISTORY_TIERS, periodsBetween } from '../../../../src/domain/history/steps.ts';

const NOW = new Date('2026-11-27T12:00:00Z');
const ago = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1000);

/** A sample every ten seconds for so long, oldest first. */
function samples(seconds: number, countAt: (age: number) => number, max = 10_000): HistorySample[] {
  const ages = Array.from({ length: seconds / 10 }, (_, index) => seconds - 10 * index);
  return ages.map((age) => ({ at: ago(age), readings: 1, count: countAt(age), max }));
}

describe('the step of a response', () => {
  it.each([
    ['an hour', 3_600, 10],
    ['four hours', 4 * 3_600, 10],
    ['a day', 86_400, 60],
    ['a week', 7 * 86_400, 600],
    ['a month', 30 * 86_400, 3_600],
    ['a year', 365 * 86_400, 21_600],
  ])('for %s until now is the finest with few enough samples', (_name, seconds, step) => {
    expect(chooseStep(ago(seconds), NOW, NOW)).toBe(step);
  });

  it('is one whose samples are still kept at the beginning of the range', () => {
    expect(chooseStep(ago(3 * 86_400), ago(3 * 86_400 - 3_600), NOW)).toBe(60);
    expect(chooseStep(ago(30 * 86_400), ago(30 * 86_400 - 3_600), NOW)).toBe(600);
  });

  it('is undefined if every step gives too many samples', () => {
    expect(chooseStep(ago(2_000 * 86_400), NOW, NOW)).toBeUndefined();
  });

  it('never gives more samples than a response may have', () => {
    for (let seconds = 60; seconds < 1_400 * 86_400; seconds *= 1.37) {
      const step = chooseStep(ago(seconds), NOW, NOW);
      expect(periodsBetween(ago(seconds), NOW, step ?? 0)).toBeLessThanOrEqual(HISTORY_SAMPLES_MAX);
    }
  });

  it('keeps a day in steps of ten seconds, a week in minutes, a year in steps of ten minutes', () => {
    expect(HISTORY_TIERS.slice(0, 3)).toEqual([
      { stepSeconds: 10, keptSeconds: 86_400 },
      { stepSeconds: 60, keptSeconds: 604_800 },
      { stepSeconds: 600, keptSeconds: 31_536_000 },
    ]);
  });
});

describe('gaps', () => {
  const at = (...ages: readonly number[]): { readonly at: Date }[] => ages.map((age) => ({ at: ago(age) }));

  it('are reported where more than a period is missing, also at the ends', () => {
    expect(gapsOf(at(80, 70, 30, 20, 10), ago(200), NOW, 10, 10)).toEqual([
      { from: ago(200), to: ago(80) },
      { from: ago(60), to: ago(30) },
    ]);
  });

  it('are not reported if samples are taken less often than the step', () => {
    expect(gapsOf(at(120, 60), ago(120), NOW, 10, 60)).toEqual([]);
    expect(gapsOf(at(180, 60), ago(180), NOW, 10, 10)).toHaveLength(2);
  });

  it('cover the whole range if there are no samples', () => {
    expect(gapsOf([], ago(3_600), NOW, 10, 10)).toEqual([{ from: ago(3_600), to: NOW }]);
  });
});

describe('the forecast', () => {
  it('reports when a steady rise meets max, and the trend used', () => {
    const forecast = forecastFull(
      samples(3_600, (age) => 5_000 - age),
      NOW,
    );
    expect(forecast).toMatchObject({ secondsToFull: 5_000, fullAt: new Date(NOW.getTime() + 5_000_000), windowSeconds: 900, max: 10_000 });
    expect(forecast.trends).toHaveLength(2);
    expect(forecast.trends[0]).toMatchObject({ windowSeconds: 900, samples: 90 });
    expect(forecast.trends[0]?.slopePerSecond).toBeCloseTo(1, 9);
    expect(forecast.trends[0]?.rSquared).toBeCloseTo(1, 9);
  });

  it('uses the last hour if the last minutes do not allow a forecast', () => {
    const forecast = forecastFull(
      samples(3_600, (age) => (age <= 900 ? 5_000 : 5_900 - age)),
      NOW,
    );
    expect(forecast).toMatchObject({ windowSeconds: 3_600 });
    expect(forecast.trends[0]?.reason).toMatch(/not rising/);
  });

  it.each([
    ['steeply', (age: number) => (age <= 900 ? 6_000 + 2 * age : 7_800 - 2 * (age - 900))],
    ['slowly, after a jump', (age: number) => (age <= 900 ? 6_000 + age / 10 : 1_000)],
  ])('is absent while the count falls after a rise, %s', (_name, countAt) => {
    const { secondsToFull, reason, trends } = forecastFull(samples(3_600, countAt), NOW);
    expect(trends[1]?.slopePerSecond).toBeGreaterThan(0);
    expect(secondsToFull).toBeUndefined();
    expect(reason).toMatch(/falling for the last 900 s/);
  });

  it('is given while the count stays level with noise after a rise', () => {
    const countAt = (age: number): number => (age <= 900 ? 5_000 + (age % 20) + age / 1_000 : 5_900 - age);
    expect(forecastFull(samples(3_600, countAt), NOW)).toMatchObject({ windowSeconds: 3_600 });
  });

  it.each([
    ['falls', (age: number) => 5_000 + age, 10_000, /not rising/],
    ['jumps up and down', (age: number) => 5_000 + (age % 20 === 0 ? 2_000 : -2_000) - age / 10, 10_000, /not rising steadily/],
    ['rises very slowly', (age: number) => 1_000 - age / 1_000, 10_000, /too far away/],
    ['has no maximum', (age: number) => 5_000 - age, 0, /no limit/],
  ])('is absent, with the reason, if the count %s', (_name, countAt, max, reason) => {
    const forecast = forecastFull(samples(3_600, countAt, max), NOW);
    expect(forecast.secondsToFull).toBeUndefined();
    expect(forecast.reason).toMatch(reason);
  });

  it('needs enough samples over enough time', () => {
    expect(forecastFull([], NOW)).toMatchObject({ reason: expect.stringContaining('Too few') as string });
    expect(
      forecastFull(
        samples(50, (age) => 100 - age),
        NOW,
      ).reason,
    ).toMatch(/Too few/);
    expect(
      forecastFull(
        samples(200, (age) => 5_000 - age),
        NOW,
      ).reason,
    ).toMatch(/span only 190 s/);
  });

  it('is now if the table is full already', () => {
    expect(
      forecastFull(
        samples(900, (age) => 10_100 - age / 10),
        NOW,
      ),
    ).toMatchObject({ secondsToFull: 0, fullAt: NOW });
  });

  it('never has an R² above 1, whatever the rounding', () => {
    for (let later = 1; later < 1_000; later += 1) {
      const { trends } = forecastFull(
        [
          { at: ago(20 + later / 1_000), readings: 1, count: 0, max: 10_000 },
          { at: ago(10), readings: 1, count: 20, max: 10_000 },
        ],
        NOW,
      );
      expect(trends[0]?.rSquared).toBeLessThanOrEqual(1);
    }
  });
});
