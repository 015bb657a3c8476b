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
  /** Absent in a file that an older version wrote and that is only read. */
  readonly succeeds?: string | null;
  readonly last_used_at?: string | null;
}

/** @throws ConntrackError `JOURNAL_UNAVAILABLE` naming the token whose row cannot be understood. */
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
    throw journalRefused(path, `token ${row.id} cannot be understood: ${reason}`, 'A newer version may have written it: run that one.');
  }
}

function storedScopes(text: string): readonly Scope[] {
  return (JSON.parse(text) as readonly unknown[]).map((name) => {
    const scope = SCOPES.find((known) => known === name);
    if (scope === undefined) throw new Error(`expected scopes of ${SCOPES.join(', ')}, found ${String(name)}`);
    return scope;
  });
}
