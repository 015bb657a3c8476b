import { ConntrackError } from './conntrack-error.ts';
import type { Token } from './token.ts';

const DAY_SECONDS = 86_400;

export const STANDARD_LIFE_SECONDS = 365 * DAY_SECONDS;
/** A leap year, so that the same day of the next year is always allowed. */
const LONGEST_LIFE_SECONDS = 366 * DAY_SECONDS;

export const STANDARD_OVERLAP_SECONDS = 3_600;
export const LONGEST_OVERLAP_SECONDS = 7 * DAY_SECONDS;

export function after(now: Date, seconds: number): Date {
  return new Date(now.getTime() + seconds * 1_000);
}

/**
 * A forgotten token must expire, so its life is limited to a year. `null` means that it never expires.
 *
 * @throws ConntrackError `INVALID_REQUEST` for a longer life
 */
export function refuseLongLife(expiresAt: Date | null, now: Date, remedy: string): void {
  const latest = after(now, LONGEST_LIFE_SECONDS);
  if (expiresAt !== null && expiresAt <= latest) return;
  const found = expiresAt?.toISOString() ?? 'never';
  const expected = `a time before ${latest.toISOString()}, at most a year from now`;
  throw new ConntrackError('INVALID_REQUEST', `expiresAt: expected ${expected}, found ${found}.`, {
    errors: [{ field: 'expiresAt', expected, found }],
    remedy,
  });
}

export function isValidAt({ revokedAt, expiresAt, altered }: Token, time: Date): boolean {
  return altered === undefined && revokedAt === null && (expiresAt === null || expiresAt > time);
}

/** Whether no other token could manage tokens a day from now; a day is time enough to create one. */
export function isLastAdmin(token: Token, all: readonly Token[], now: Date): boolean {
  const isAdminAt = (each: Token, time: Date): boolean => each.scopes.includes('tokens:admin') && isValidAt(each, time);
  return isAdminAt(token, now) && !all.some((other) => other.id !== token.id && isAdminAt(other, after(now, DAY_SECONDS)));
}
