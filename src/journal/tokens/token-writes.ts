import type { Administrator, TokenAction } from '../../application/ports/tokens.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { after, isValidAt } from '../../domain/token-life.ts';
import type { Token } from '../../domain/token.ts';
import type { Connection } from '../file/connection.ts';
import { appendRecord, type RecordRow } from '../record/record.ts';
import { alterationOf, checkedTokens, type CheckedRow } from '../record/token-check.ts';
import { tokenDraft, tokenState } from '../record/token-content.ts';
import { secretSha256, type TokenSecret } from './token-secret.ts';

const INSERT = `
  INSERT INTO token (id, name, secret_sha256, scopes, created_at, expires_at, succeeds)
  VALUES (@id, @name, @secret_sha256, @scopes, @created_at, @expires_at, @succeeds)`;

export type TokenWrites = ReturnType<typeof tokenWrites>;

export function tokenWrites(connection: Connection) {
  return {
    connection,
    checked: connection.prepare<[string], CheckedRow>(`${checkedTokens(connection)} WHERE token.id = ?`),
    insert: connection.prepare(INSERT),
    setRevoked: connection.prepare<[string, string]>('UPDATE token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL'),
    setExpiry: connection.prepare<[string, string]>('UPDATE token SET expires_at = ? WHERE id = ?'),
    setLastUsed: connection.prepare<[string, string]>('UPDATE token SET last_used_at = ? WHERE id = ?'),
  };
}

interface Recording {
  readonly action: TokenAction;
  readonly token: string;
  readonly by: Administrator;
  readonly at: Date;
}

/** Runs `write` and records the state of the token before and after. Must run in a transaction, so that no token changes without a record. */
export function recording({ connection, checked }: TokenWrites, { at, ...about }: Recording, write: () => void): RecordRow {
  const before = checked.get(about.token);
  const altered = before && alterationOf(before);
  write();
  const written = checked.get(about.token);
  if (!written) throw new Error(`token ${about.token} is not stored`);
  const states = { before: before ? tokenState(before) : null, after: tokenState(written) };
  return appendRecord(connection, tokenDraft({ ...about, ...states, ...(altered !== undefined && { altered }) }, at));
}

type Content = Pick<Token, 'name' | 'scopes' | 'createdAt' | 'expiresAt' | 'succeeds'>;

export function insertToken(writes: TokenWrites, { id, text }: TokenSecret, content: Content, by: Administrator): RecordRow {
  const { name, scopes, createdAt, expiresAt, succeeds } = content;
  return recording(writes, { action: 'created', token: id, by, at: createdAt }, () => {
    writes.insert.run({
      id,
      name,
      secret_sha256: secretSha256(text),
      scopes: JSON.stringify(scopes),
      created_at: createdAt.toISOString(),
      expires_at: expiresAt?.toISOString() ?? null,
      succeeds,
    });
  });
}

interface Rotation {
  readonly now: Date;
  readonly overlapSeconds: number;
  readonly by: Administrator;
}

/** Must run in a transaction, so that the new token never exists without an expiry of the old one. */
export function insertSuccessor(writes: TokenWrites, secret: TokenSecret, old: Token, { now, overlapSeconds, by }: Rotation): RecordRow {
  const expiresAt = old.expiresAt && new Date(now.getTime() + old.expiresAt.getTime() - old.createdAt.getTime());
  insertToken(writes, secret, { name: old.name, scopes: old.scopes, createdAt: now, expiresAt, succeeds: old.id }, by);
  return recording(writes, { action: 'rotated', token: old.id, by, at: now }, () => {
    const end = after(now, overlapSeconds);
    if (old.expiresAt === null || end < old.expiresAt) writes.setExpiry.run(end.toISOString(), old.id);
  });
}

/** @throws ConntrackError `TOKEN_NOT_CURRENT` */
export function refuseNotCurrent(token: Token, all: readonly Token[], now: Date): void {
  const { id, altered } = token;
  const successor = all.find(({ succeeds }) => succeeds === id);
  if (!successor && isValidAt(token, now)) return;
  const state = altered === undefined ? `is ${token.revokedAt ? 'revoked' : 'expired'}` : `was altered outside this service (${altered})`;
  const why = successor ? `was rotated: ${successor.id} is its successor` : state;
  throw new ConntrackError('TOKEN_NOT_CURRENT', `Token ${id} ${why}.`, {
    remedy: successor ? 'Rotate the successor, or create a new token.' : 'Create a new token.',
  });
}
