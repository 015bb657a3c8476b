import { ConntrackError } from '../../domain/conntrack-error.ts';
import { after, isValidAt } from '../../domain/token-life.ts';
import type { Token } from '../../domain/token.ts';
import type { Connection } from '../file/connection.ts';
import { secretSha256, type TokenSecret } from './token-secret.ts';

const INSERT = `
  INSERT INTO token (id, name, secret_sha256, scopes, created_at, expires_at, succeeds)
  VALUES (@id, @name, @secret_sha256, @scopes, @created_at, @expires_at, @succeeds)`;

export type TokenWrites = ReturnType<typeof tokenWrites>;

export function tokenWrites(connection: Connection) {
  return {
    insert: connection.prepare(INSERT),
    setRevoked: connection.prepare<[string, string]>('UPDATE token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL'),
    setExpiry: connection.prepare<[string, string]>('UPDATE token SET expires_at = ? WHERE id = ?'),
    setLastUsed: connection.prepare<[string, string]>('UPDATE token SET last_used_at = ? WHERE id = ?'),
  };
}

type Content = Pick<Token, 'name' | 'scopes' | 'createdAt' | 'expiresAt' | 'succeeds'>;

export function insertToken(insert: TokenWrites['insert'], { id, text }: TokenSecret, content: Content): void {
  const { name, scopes, createdAt, expiresAt, succeeds } = content;
  insert.run({
    id,
    name,
    secret_sha256: secretSha256(text),
    scopes: JSON.stringify(scopes),
    created_at: createdAt.toISOString(),
    expires_at: expiresAt?.toISOString() ?? null,
    succeeds,
  });
}

/** Must run in a transaction, so that the new token never exists without an expiry of the old one. */
export function insertSuccessor(
  { insert, setExpiry }: TokenWrites,
  secret: TokenSecret,
  old: Token,
  { now, overlapSeconds }: { readonly now: Date; readonly overlapSeconds: number },
): void {
  const expiresAt = old.expiresAt && new Date(now.getTime() + old.expiresAt.getTime() - old.createdAt.getTime());
  insertToken(insert, secret, { name: old.name, scopes: old.scopes, createdAt: now, expiresAt, succeeds: old.id });
  const end = after(now, overlapSeconds);
  if (old.expiresAt === null || end < old.expiresAt) setExpiry.run(end.toISOString(), old.id);
}

/** @throws ConntrackError `TOKEN_NOT_CURRENT` */
export function refuseNotCurrent(token: Token, all: readonly Token[], now: Date): void {
  const { id } = token;
  const successor = all.find(({ succeeds }) => succeeds === id);
  if (!successor && isValidAt(token, now)) return;
  const why = successor ? `was rotated: ${successor.id} is its successor` : `is ${token.revokedAt ? 'revoked' : 'expired'}`;
  throw new ConntrackError('TOKEN_NOT_CURRENT', `Token ${id} ${why}.`, {
    remedy: successor ? 'Rotate the successor, or create a new token.' : 'Create a new token.',
  });
}
