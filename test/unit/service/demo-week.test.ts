import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../src/domain/history/sample.ts';
import { demoWeek, entriesAt, INCIDENT, WEEK_SECONDS } from '../../../src/service/demo/demo-week.ts';

const NOW = new Date(2026, 10, 26, 15, 7);
const WEEK = [...demoWeek(NOW)];
const agoSeconds = ({ at }: Sample): number => (NOW.getTime() - at.getTime()) / 1_000;
const evicted = ({ counted }: Sample): number => counted?.increments['early_drop'] ?? 0;

describe('the week before the demo', () => {
  it('is the same for the same time, and covers seven days without a gap', () => {
    expect([...demoWeek(NOW)]).toEqual(WEEK);
    const times = WEEK.map(agoSeconds);
    expect(times[0]).toBe(WEEK_SECONDS);
    expect(Math.max(...times.slice(1).map((ago, index) => (times[index] ?? 0) - ago))).toBeLessThanOrEqual(300);
    expect(times.every((ago, index) => index === 0 || ago < (times[index - 1] ?? 0))).toBe(true);
  });

  it('never has more entries than max, and drops only in the incident', () => {
    expect(WEEK.filter(({ count = 0, max = 0 }) => count > max || count <= 0)).toEqual([]);
    const dropping = WEEK.filter((sample) => evicted(sample) > 0).map(agoSeconds);
    expect(dropping.length).toBeGreaterThan(3);
    expect(Math.max(...dropping)).toBeLessThanOrEqual(INCIDENT.fromSeconds);
    expect(Math.min(...dropping)).toBeGreaterThanOrEqual(INCIDENT.raisedSeconds);
  });

  it('has more flows by day than by night, and fewer at weekends', () => {
    const at = (day: number, hour: number): number => entriesAt(new Date(2026, 10, day, hour));
    expect(at(25, 16)).toBeGreaterThan(3 * at(25, 4));
    expect(at(25, 16)).toBeGreaterThan(1.3 * at(22, 16));
  });

  it('ends where the live table begins', () => {
    const last = WEEK.at(-1)?.count ?? 0;
    expect(Math.abs(last - entriesAt(NOW)) / last).toBeLessThan(0.15);
  });
});
