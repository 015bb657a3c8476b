import { ConntrackError, type FieldError } from '../../domain/conntrack-error.ts';
import { SCOPES } from '../../domain/token.ts';

/** Letters, marks, digits, punctuation, symbols and spaces; not only spaces. */
const NAME = /^(?! *$)[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,64}$/u;

/** @throws ConntrackError `INVALID_REQUEST` with every invalid field */
export function refuseBadToken(name: string, scopes: readonly string[], expiresAt: Date | null, now: Date): void {
  const errors = [...nameErrors(name), ...scopeErrors(scopes), ...expiryErrors(expiresAt, now)];
  if (errors.length > 0) throw new ConntrackError('INVALID_REQUEST', `The token was not created: ${describe(errors)}.`, { errors });
}

function nameErrors(name: string): readonly FieldError[] {
  return NAME.test(name) ? [] : [{ field: 'name', expected: '1 to 64 printable characters', found: JSON.stringify(name).slice(0, 100) }];
}

function scopeErrors(scopes: readonly string[]): readonly FieldError[] {
  const expected = `at least one of ${SCOPES.join(', ')}`;
  if (scopes.length === 0) return [{ field: 'scopes', expected }];
  const known: readonly string[] = SCOPES;
  return scopes.filter((scope) => !known.includes(scope)).map((found) => ({ field: 'scopes', expected, found }));
}

function expiryErrors(expiresAt: Date | null, now: Date): readonly FieldError[] {
  if (expiresAt === null || expiresAt > now) return [];
  return [{ field: 'expiresAt', expected: `a time after ${now.toISOString()}`, found: String(expiresAt) }];
}

function describe(errors: readonly FieldError[]): string {
  return errors.map(({ field, expected, found }) => `${field}: expected ${expected}, found ${found ?? 'nothing'}`).join('; ');
}
