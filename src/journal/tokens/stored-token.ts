import { SCOPES, type Scope, type Token } from '../../domain/token.ts';
import { journalRefused } from '../file/journal-error.ts';
import { storedTime } from '../record/stored-object.ts';
import { alterationOf, type CheckedRow } from '../record/token-check.ts';

/** @throws ConntrackError `JOURNAL_UNAVAILABLE` with the id of a token whose row is as recorded and cannot be parsed */
export function storedToken(path: string, row: CheckedRow): Token {
  const altered = alterationOf(row);
  if (altered !== undefined) return alteredToken(row, altered);
  try {
    return {
      ...fieldsOf(row),
      scopes: storedScopes(row.scopes),
      createdAt: storedTime(row.created_at),
      expiresAt: row.expires_at === null ? null : storedTime(row.expires_at),
      revokedAt: row.revoked_at === null ? null : storedTime(row.revoked_at),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw journalRefused(path, `token ${row.id} cannot be parsed: ${reason}`, 'A newer version may have written it. Run that version.');
  }
}

/** Its row may contain anything. It must not prevent listing the other tokens, so times that cannot be read count as the longest ago. */
function alteredToken(row: CheckedRow, altered: string): Token {
  const timeOrFirst = (text: string): Date => {
    const time = new Date(text);
    return Number.isNaN(time.getTime()) ? new Date(0) : time;
  };
  return {
    ...fieldsOf(row),
    scopes: [],
    createdAt: timeOrFirst(row.created_at),
    expiresAt: row.expires_at === null ? null : timeOrFirst(row.expires_at),
    revokedAt: row.revoked_at === null ? null : timeOrFirst(row.revoked_at),
    altered,
  };
}

function fieldsOf({ id, name, succeeds, last_used_at: usedAt }: CheckedRow) {
  return { id, name, succeeds: succeeds ?? null, lastUsedAt: typeof usedAt === 'string' ? storedTime(usedAt) : null, identity: null };
}

function storedScopes(text: string): readonly Scope[] {
  return (JSON.parse(text) as readonly unknown[]).map((name) => {
    const scope = SCOPES.find((known) => known === name);
    if (scope === undefined) throw new Error(`expected scopes of ${SCOPES.join(', ')}, found ${String(name)}`);
    return scope;
  });
}
