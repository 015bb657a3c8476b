import { describe, expect, it } from 'vitest';
import { afterFailure, isSendDue, type DeliveryProgress } from '../../../../src/domain/webhooks/webhook.ts';

const FRESH: DeliveryProgress = { change: 7, derived: 3, deliveredAt: null, failure: null, isDead: false };
const START = Date.UTC(2026, 10, 27);
const HOUR = 3_600_000;

/** Fails at each retry until the webhook is dead. */
function failUntilDead(random: number): { readonly pauses: readonly number[]; readonly died: number } {
  const pauses: number[] = [];
  let progress = FRESH;
  let now = START;
  while (!progress.isDead) {
    progress = afterFailure(progress, 'status 500', false, new Date(now), random);
    const next = progress.failure?.retryAt.getTime() ?? 0;
    pauses.push(next - now);
    if (!progress.isDead) now = next;
  }
  return { pauses, died: now - START };
}

describe('a failing webhook', () => {
  it('retries after 1, 2, 4 … 256 s and then every 5 min', () => {
    const { pauses } = failUntilDead(0);
    expect(pauses.slice(0, 11)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map((seconds) => seconds * 1_000));
    expect(Math.max(...pauses)).toBe(300_000);
  });

  it('shortens each pause by up to half at random', () => {
    expect(failUntilDead(1).pauses.slice(0, 3)).toEqual([500, 1_000, 2_000]);
  });

  it('is dead after a day', () => {
    for (const random of [0, 0.5, 1]) {
      const { died } = failUntilDead(random);
      expect(died).toBeGreaterThanOrEqual(24 * HOUR);
      expect(died).toBeLessThanOrEqual(24 * HOUR + 300_000);
    }
  });

  it('does not die because the service was stopped for a week, or the clock was set forward', () => {
    const once = afterFailure(FRESH, 'status 500', false, new Date(START), 0);
    const later = afterFailure(once, 'status 500', false, new Date(START + 168 * HOUR), 0);
    expect(later).toMatchObject({ isDead: false, failure: { attempts: 2, since: new Date(START) } });
  });

  it('is dead at once if the receiver is gone, and keeps its position', () => {
    expect(afterFailure(FRESH, 'status 410', true, new Date(START), 0)).toMatchObject({ isDead: true, change: 7, derived: 3 });
  });
});

describe('a send', () => {
  const failed = afterFailure(FRESH, 'status 500', false, new Date(START), 0);

  it.each([
    ['without a failure', FRESH, START, true],
    ['before the retry', failed, START + 999, false],
    ['at the retry', failed, START + 1_000, true],
    ['after the clock was set back by a day', failed, START - 24 * HOUR, true],
    ['of a dead webhook', { ...failed, isDead: true }, START + HOUR, false],
  ])('%s', (_when, progress, now, due) => {
    expect(isSendDue(progress, new Date(now))).toBe(due);
  });
});
