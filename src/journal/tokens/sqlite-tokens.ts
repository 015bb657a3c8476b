import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../application/ports/clock.ts';
import { Tokens, type NewToken } from '../../application/ports/tokens.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { isLastAdmin } from '../../domain/token-life.ts';
import type { Scope, Token } from '../../domain/token.ts';
import type { Connection } from '../file/connection.ts';
import type { Database } from '../file/database.ts';
import { refuseBadToken } from './new-token.ts';
import { Prepared } from '../file/prepared.ts';
import { storedToken, type TokenRow } from './stored-token.ts';
import { idInSecret, newTokenSecret, secretSha256 } from './token-secret.ts';
import { TokenUses } from './token-uses.ts';
import { insertSuccessor, insertToken, refuseNotCurrent, tokenWrites, type TokenWrites } from './token-writes.ts';

const NO_SECRET = Buffer.alloc(32);

type TokenReads = ReturnType<typeof tokenReads>;

function tokenReads(connection: Connection) {
  return {
    byId: connection.prepare<[string], TokenRow>('SELECT * FROM token WHERE id = ?'),
    all: connection.prepare<[], TokenRow>('SELECT * FROM token ORDER BY rowid'),
  };
}

/** Reads the database on each call, so that a token that another process revokes is refused immediately. */
export class SqliteTokens extends Tokens {
  private readonly path: string;
  private readonly clock: Clock;
  private readonly database: Database;
  private readonly reads: Prepared<TokenReads>;
  private readonly uses = new TokenUses();
  private preparedWrites: Prepared<TokenWrites> | undefined;

  /** @param database from `openDatabase`, or from `openDatabaseReadOnly`: then tokens can be read but not created or revoked */
  constructor(database: Database, clock: Clock) {
    super();
    this.path = database.path;
    this.clock = clock;
    this.database = database;
    this.reads = new Prepared(database, tokenReads);
  }

  /** @throws ConntrackError `INVALID_REQUEST` for an invalid name, scopes or expiry */
  create(name: string, scopes: readonly Scope[], expiresAt: Date | null): NewToken {
    const now = this.clock.now();
    refuseBadToken(name, scopes, expiresAt, now);
    const secret = newTokenSecret();
    this.writes().write(({ insert }) => {
      insertToken(insert, secret, { name, scopes: [...new Set(scopes)], createdAt: now, expiresAt, succeeds: null });
    });
    return { token: this.get(secret.id), secret: secret.text };
  }

  authenticate(secret: string): Token {
    const id = idInSecret(secret);
    const row = id === undefined ? undefined : this.row(id);
    const matches = timingSafeEqual(secretSha256(secret), row?.secret_sha256 ?? NO_SECRET);
    if (!row || !matches) throw new ConntrackError('UNAUTHENTICATED', 'The bearer token is not valid.');
    const token = this.valid(storedToken(this.path, row));
    this.uses.note(token.id, this.clock.now());
    return this.uses.addTo(token);
  }

  requireValid(id: string): void {
    this.valid(this.get(id));
  }

  list(): readonly Token[] {
    return this.reads.read(({ all }) => all.all()).map((row) => this.uses.addTo(storedToken(this.path, row)));
  }

  get(id: string): Token {
    const row = this.row(id);
    if (!row) throw new ConntrackError('TOKEN_NOT_FOUND', `There is no token ${id}.`, { remedy: 'List the tokens to see their ids.' });
    return this.uses.addTo(storedToken(this.path, row));
  }

  rotate(id: string, overlapSeconds: number): NewToken {
    const secret = newTokenSecret();
    this.writes().write((statements) => {
      const now = this.clock.now();
      const old = this.get(id);
      refuseNotCurrent(old, this.list(), now);
      insertSuccessor(statements, secret, old, { now, overlapSeconds });
    });
    return { token: this.get(secret.id), secret: secret.text };
  }

  revoke(id: string, { evenLastAdmin = false }: { readonly evenLastAdmin?: boolean } = {}): Token {
    this.writes().write(({ setRevoked }) => {
      const now = this.clock.now();
      if (!evenLastAdmin && isLastAdmin(this.get(id), this.list(), now)) throw lastAdmin(id);
      setRevoked.run(now.toISOString(), id);
    });
    return this.get(id);
  }

  storeUses(): void {
    this.uses.flush((uses) => {
      this.writes().write(({ setLastUsed }) => {
        for (const [id, at] of uses) setLastUsed.run(at.toISOString(), id);
      });
    });
  }

  /** Prepared on first use: a file of an older version, opened read-only, lacks columns that these statements need. */
  private writes(): Prepared<TokenWrites> {
    this.preparedWrites ??= new Prepared(this.database, tokenWrites);
    return this.preparedWrites;
  }

  private row(id: string): TokenRow | undefined {
    return this.reads.read(({ byId }) => byId.get(id));
  }

  private valid(token: Token): Token {
    const { id, revokedAt, expiresAt } = token;
    const remedy = 'Request a new token.';
    if (revokedAt) throw new ConntrackError('TOKEN_REVOKED', `Token ${id} was revoked at ${revokedAt.toISOString()}.`, { remedy });
    if (expiresAt && expiresAt <= this.clock.now()) {
      throw new ConntrackError('TOKEN_EXPIRED', `Token ${id} expired at ${expiresAt.toISOString()}.`, { remedy });
    }
    return token;
  }
}

function lastAdmin(id: string): ConntrackError {
  return new ConntrackError('LAST_ADMIN_TOKEN', `Without token ${id}, no token could create or revoke tokens a day from now.`, {
    remedy: `Create another token with the scope tokens:admin first, or revoke this one on the host: conntrack-api token revoke ${id}.`,
  });
}
