import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../application/ports/clock.ts';
import { Tokens } from '../application/ports/tokens.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import type { Scope, Token } from '../domain/token.ts';
import type { Connection } from './connection.ts';
import type { Database } from './database.ts';
import { refuseBadToken } from './new-token.ts';
import { Prepared } from './prepared.ts';
import { storedToken, type TokenRow } from './stored-token.ts';
import { idInSecret, newTokenSecret, secretSha256 } from './token-secret.ts';

const INSERT = `
  INSERT INTO token (id, name, secret_sha256, scopes, created_at, expires_at)
  VALUES (@id, @name, @secret_sha256, @scopes, @created_at, @expires_at)`;
const NO_SECRET = Buffer.alloc(32);

type TokenStatements = ReturnType<typeof tokenStatements>;

function tokenStatements(connection: Connection) {
  return {
    insert: connection.prepare(INSERT),
    byId: connection.prepare<[string], TokenRow>('SELECT * FROM token WHERE id = ?'),
    all: connection.prepare<[], TokenRow>('SELECT * FROM token ORDER BY rowid'),
    setRevoked: connection.prepare<[string, string]>('UPDATE token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL'),
  };
}

/** Reads the file at each call, so that a token revoked by another process is refused at once. */
export class SqliteTokens extends Tokens {
  private readonly path: string;
  private readonly clock: Clock;
  private readonly statements: Prepared<TokenStatements>;

  /** @param database from `openDatabase`, or from `openDatabaseReadOnly`: tokens are then known and cannot be made or revoked. */
  constructor(database: Database, clock: Clock) {
    super();
    this.path = database.path;
    this.clock = clock;
    this.statements = new Prepared(database, tokenStatements);
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
    this.statements.write(({ insert }) => insert.run(row));
    return { token: this.get(id), secret: text };
  }

  authenticate(secret: string): Token {
    const id = idInSecret(secret);
    const row = id === undefined ? undefined : this.row(id);
    const matches = timingSafeEqual(secretSha256(secret), row?.secret_sha256 ?? NO_SECRET);
    if (!row || !matches) throw new ConntrackError('UNAUTHENTICATED', 'The bearer token is not valid.');
    return this.valid(storedToken(this.path, row));
  }

  list(): readonly Token[] {
    return this.statements.read(({ all }) => all.all()).map((row) => storedToken(this.path, row));
  }

  revoke(id: string): Token {
    this.statements.write(({ setRevoked }) => setRevoked.run(this.clock.now().toISOString(), id));
    return this.get(id);
  }

  private get(id: string): Token {
    const row = this.row(id);
    if (!row)
      throw new ConntrackError('TOKEN_NOT_FOUND', `There is no token ${id}.`, { remedy: 'List the tokens to see which there are.' });
    return storedToken(this.path, row);
  }

  private row(id: string): TokenRow | undefined {
    return this.statements.read(({ byId }) => byId.get(id));
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
