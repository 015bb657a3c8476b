import { SCOPES, type Scope, type Token } from '../../domain/token.ts';
import { journalRefused } from '../file/journal-error.ts';
import { storedTime } from '../record/stored-object.ts';

export interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly secret_sha256: Buffer;
  readonly scopes: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  /** Undefined in a file of an older version that is opened read-only. */
  readonly succeeds?: string | null;
  readonly last_used_at?: string | null;
}

/** @throws ConntrackError `JOURNAL_UNAVAILABLE` with the id of a token whose row cannot be parsed */
export function storedToken(path: string, row: TokenRow): Token {
  try {
    return {
      id: row.id,
      name: row.name,
      scopes: storedScopes(row.scopes),
      createdAt: storedTime(row.created_at),
      expiresAt: row.expires_at === null ? null : storedTime(row.expires_at),
      revokedAt: row.revoked_at === null ? null : storedTime(row.revoked_at),
      succeeds: row.succeeds ?? null,
      lastUsedAt: typeof row.last_used_at === 'string' ? storedTime(row.last_used_at) : null,
      identity: null,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw journalRefused(path, `token ${row.id} cannot be parsed: ${reason}`, 'A newer version may have written it. Run that version.');
  }
}

function storedScopes(text: string): readonly Scope[] {
  return (JSON.parse(text) as readonly unknown[]).map((name) => {
    const scope = SCOPES.find((known) => known === name);
    if (scope === undefined) throw new Error(`expected scopes of ${SCOPES.join(', ')}, found ${String(name)}`);
    return scope;
  });
}
