import type { Statement } from 'better-sqlite3';
import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../application/ports/clock.ts';
import { Tokens } from '../application/ports/tokens.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import type { Scope, Token } from '../domain/token.ts';
import type { Database } from './database.ts';
import { guarded } from './journal-error.ts';
import { refuseBadToken } from './new-token.ts';
import { storedToken, type TokenRow } from './stored-token.ts';
import { idInSecret, newTokenSecret, secretSha256 } from './token-secret.ts';

const INSERT = `
  INSERT INTO token (id, name, secret_sha256, scopes, created_at, expires_at)
  VALUES (@id, @name, @secret_sha256, @scopes, @created_at, @expires_at)`;
const NO_SECRET = Buffer.alloc(32);

/** Reads the file at each call, so that a token revoked by another process is refused at once. */
export class SqliteTokens extends Tokens {
  private readonly database: Database;
  private readonly clock: Clock;
  private readonly insert: Statement;
  private readonly byId: Statement<[string], TokenRow>;
  private readonly all: Statement<[], TokenRow>;
  private readonly setRevoked: Statement<[string, string]>;

  /** @param database from `openDatabase` */
  constructor(database: Database, clock: Clock) {
    super();
    this.database = database;
    this.clock = clock;
    this.insert = database.prepare(INSERT);
    this.byId = database.prepare('SELECT * FROM token WHERE id = ?');
    this.all = database.prepare('SELECT * FROM token ORDER BY rowid');
    this.setRevoked = database.prepare('UPDATE token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL');
  }

  /** @throws ConntrackError `INVALID_REQUEST` for a name, scopes or expiry that no token may have. */
  create(name: string, scopes: readonly Scope[], expiresAt: Date | null): { readonly token: Token; readonly secret: string } {
    const now = this.clock.now();
    refuseBadToken(name, scopes, expiresAt, now);
    const { id, text } = newTokenSecret();
    const row = {
      id,
      name,
      secret_sha256: secretSha256(text),
      scopes: JSON.stringify([...new Set(scopes)]),
      created_at: now.toISOString(),
      expires_at: expiresAt?.toISOString() ?? null,
    };
    guarded(this.database, () => this.insert.run(row));
    return { token: this.get(id), secret: text };
  }

  authenticate(secret: string): Token {
    const id = idInSecret(secret);
    const row = id === undefined ? undefined : guarded(this.database, () => this.byId.get(id));
    const matches = timingSafeEqual(secretSha256(secret), row?.secret_sha256 ?? NO_SECRET);
    if (!row || !matches) throw new ConntrackError('UNAUTHENTICATED', 'The bearer token is not valid.');
    return this.valid(storedToken(this.database.name, row));
  }

  list(): readonly Token[] {
    return guarded(this.database, () => this.all.all()).map((row) => storedToken(this.database.name, row));
  }

  revoke(id: string): Token {
    guarded(this.database, () => this.setRevoked.run(this.clock.now().toISOString(), id));
    return this.get(id);
  }

  private get(id: string): Token {
    const row = guarded(this.database, () => this.byId.get(id));
    if (!row)
      throw new ConntrackError('TOKEN_NOT_FOUND', `There is no token ${id}.`, { remedy: 'List the tokens to see which there are.' });
    return storedToken(this.database.name, row);
  }

  private valid(token: Token): Token {
    const { id, revokedAt, expiresAt } = token;
    const remedy = 'Ask for a new token.';
    if (revokedAt) throw new ConntrackError('TOKEN_REVOKED', `Token ${id} was revoked at ${revokedAt.toISOString()}.`, { remedy });
    if (expiresAt && expiresAt <= this.clock.now()) {
      throw new ConntrackError('TOKEN_EXPIRED', `Token ${id} expired at ${expiresAt.toISOString()}.`, { remedy });
    }
    return token;
  }
}
