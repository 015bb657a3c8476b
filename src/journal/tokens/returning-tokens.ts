import { isValidAt } from '../../domain/token-life.ts';
import type { Token } from '../../domain/token.ts';

/** A token that a restore makes valid, or valid for longer. */
export interface ReturningToken extends Pick<Token, 'id' | 'name' | 'scopes'> {
  /** Its state in the present journal. */
  readonly now: string;
}

/** @param present the tokens of the present journal; `undefined` if they cannot be read */
export function returningTokens(backup: readonly Token[], present: readonly Token[] | undefined, at: Date): readonly ReturningToken[] {
  return backup
    .filter((token) => isValidAt(token, at))
    .flatMap((token) => {
      const now = present
        ? differenceOf(
            token,
            present.find(({ id }) => id === token.id),
            at,
          )
        : 'unknown';
      return now === undefined ? [] : [{ id: token.id, name: token.name, scopes: token.scopes, now }];
    });
}

/** The tokens that are valid now and do not exist in the backup. */
export function lostTokens(backup: readonly Token[], present: readonly Token[], at: Date): readonly Token[] {
  return present.filter((token) => isValidAt(token, at) && !backup.some(({ id }) => id === token.id));
}

function differenceOf(backup: Token, present: Token | undefined, at: Date): string | undefined {
  if (!present) return 'not a token of the present journal';
  const { revokedAt, altered, expiresAt } = present;
  if (altered !== undefined) return 'altered';
  if (revokedAt) return `revoked ${revokedAt.toISOString()}`;
  if (expiresAt === null || (backup.expiresAt !== null && backup.expiresAt <= expiresAt)) return undefined;
  return `${expiresAt <= at ? 'expired' : 'expires'} ${expiresAt.toISOString()}`;
}
