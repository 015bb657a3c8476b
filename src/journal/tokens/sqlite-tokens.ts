import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../application/ports/clock.ts';
import type { JournalHead } from '../../application/ports/journal.ts';
import { THIS_SERVICE, Tokens, type NewToken, type RevokeOptions, type TokenRecord } from '../../application/ports/tokens.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { isLastAdmin } from '../../domain/token-life.ts';
import type { Scope, Token } from '../../domain/token.ts';
import type { Connection } from '../file/connection.ts';
import type { Database } from '../file/database.ts';
import { refuseBadToken } from './new-token.ts';
import { Prepared } from '../file/prepared.ts';
import type { RecordRow } from '../record/record.ts';
import { parsed } from '../record/stored-change.ts';
import { checkedTokens, type CheckedRow } from '../record/token-check.ts';
import { decodeTokenRecord } from '../record/token-content.ts';
import { storedToken } from './stored-token.ts';
import { idInSecret, newTokenSecret, secretSha256 } from './token-secret.ts';
import { TokenUses } from './token-uses.ts';
import { insertSuccessor, insertToken, recording, refuseNotCurrent, tokenWrites, type TokenWrites } from './token-writes.ts';

const NO_SECRET = Buffer.alloc(32);
const RECORDS = "SELECT * FROM record WHERE kind = 'token' AND token_id = ? ORDER BY sequence";

interface KnownToken {
  readonly row: CheckedRow;
  /** Once its secret was presented. */
  token?: Token;
}

type TokenReads = ReturnType<typeof tokenReads>;

function tokenReads(connection: Connection) {
  return {
    connection,
    byId: connection.prepare<[string], CheckedRow>(`${checkedTokens(connection)} WHERE token.id = ?`),
    all: connection.prepare<[], CheckedRow>(`${checkedTokens(connection)} ORDER BY token.rowid`),
    dataVersion: connection.prepare<[], number>('PRAGMA data_version').pluck(),
    /** Tokens that were read while the database had this version. */
    known: { version: '', tokens: new Map<string, KnownToken>() },
  };
}

/** Checks on each call whether the database has changed, so that a token that another process revokes is refused immediately. */
export class SqliteTokens extends Tokens {
  private readonly path: string;
  private readonly clock: Clock;
  private readonly database: Database;
  private readonly reads: Prepared<TokenReads>;
  private readonly recorded: (head: JournalHead) => void;
  private readonly uses = new TokenUses();
  private preparedWrites: Prepared<TokenWrites> | undefined;

  /**
   * @param database from `openDatabase`, or from `openDatabaseReadOnly`: then tokens can be read but not created or revoked
   * @param recorded called with each new head of the journal
   */
  constructor(database: Database, clock: Clock, recorded: (head: JournalHead) => void = () => undefined) {
    super();
    this.recorded = recorded;
    this.path = database.path;
    this.clock = clock;
    this.database = database;
    this.reads = new Prepared(database, tokenReads);
  }

  /** @throws ConntrackError `INVALID_REQUEST` for an invalid name, scopes or expiry */
  create(name: string, scopes: readonly Scope[], expiresAt: Date | null, by = THIS_SERVICE): NewToken {
    const now = this.clock.now();
    refuseBadToken(name, scopes, expiresAt, now);
    const secret = newTokenSecret();
    this.record((writes) =>
      insertToken(writes, secret, { name, scopes: [...new Set(scopes)], createdAt: now, expiresAt, succeeds: null }, by),
    );
    return { token: this.get(secret.id), secret: secret.text };
  }

  authenticate(secret: string): Token {
    const id = idInSecret(secret);
    const known = id === undefined ? undefined : this.known(id);
    const matches = timingSafeEqual(secretSha256(secret), known?.row.secret_sha256 ?? NO_SECRET);
    if (!known || !matches) throw new ConntrackError('UNAUTHENTICATED', 'The bearer token is not valid.');
    const token = this.valid((known.token ??= storedToken(this.path, known.row)));
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
    if (!row) throw notFound(id);
    return this.uses.addTo(storedToken(this.path, row));
  }

  rotate(id: string, overlapSeconds: number, by = THIS_SERVICE): NewToken {
    const secret = newTokenSecret();
    this.record((writes) => {
      const now = this.clock.now();
      const old = this.get(id);
      refuseNotCurrent(old, this.list(), now);
      return insertSuccessor(writes, secret, old, { now, overlapSeconds, by });
    });
    return { token: this.get(secret.id), secret: secret.text };
  }

  revoke(id: string, { evenLastAdmin = false, by = THIS_SERVICE }: RevokeOptions = {}): Token {
    this.record((writes) => {
      const at = this.clock.now();
      const token = this.get(id);
      if (token.revokedAt && token.altered === undefined) return undefined;
      if (!evenLastAdmin && isLastAdmin(token, this.list(), at)) throw lastAdmin(id);
      return recording(writes, { action: 'revoked', token: id, by, at }, () => writes.setRevoked.run(at.toISOString(), id));
    });
    return this.get(id);
  }

  recordsOf(id: string): readonly TokenRecord[] {
    const rows = this.reads.read(({ connection }) => connection.prepare<[string], RecordRow>(RECORDS).all(id));
    if (rows.length === 0) throw notFound(id);
    return rows.map((row) => parsed(this.path, row.sequence, () => decodeTokenRecord(row)));
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

  /** Writes in one transaction. `write` returns the last record that it appended, if any. */
  private record(write: (writes: TokenWrites) => RecordRow | undefined): void {
    const last = this.writes().write(write);
    if (last) this.recorded({ sequence: last.sequence, hash: last.hash });
  }

  /** Reads and checks the token again only after a write. */
  private known(id: string): KnownToken | undefined {
    return this.reads.read(({ known, dataVersion, byId }) => {
      const version = this.database.version(dataVersion);
      if (known.version !== version) {
        known.version = version;
        known.tokens.clear();
      }
      const row = known.tokens.has(id) ? undefined : byId.get(id);
      if (row) known.tokens.set(id, { row });
      return known.tokens.get(id);
    });
  }

  private row(id: string): CheckedRow | undefined {
    return this.reads.read(({ byId }) => byId.get(id));
  }

  private valid(token: Token): Token {
    const { id, revokedAt, expiresAt, altered } = token;
    const remedy = 'Request a new token.';
    if (altered !== undefined)
      throw new ConntrackError('TOKEN_ALTERED', `Token ${id} was altered outside this service (${altered}).`, { remedy });
    if (revokedAt) throw new ConntrackError('TOKEN_REVOKED', `Token ${id} was revoked at ${revokedAt.toISOString()}.`, { remedy });
    if (expiresAt && expiresAt <= this.clock.now()) {
      throw new ConntrackError('TOKEN_EXPIRED', `Token ${id} expired at ${expiresAt.toISOString()}.`, { remedy });
    }
    return token;
  }
}

function notFound(id: string): ConntrackError {
  return new ConntrackError('TOKEN_NOT_FOUND', `There is no token ${id}.`, { remedy: 'List the tokens to see their ids.' });
}

function lastAdmin(id: string): ConntrackError {
  return new ConntrackError('LAST_ADMIN_TOKEN', `Without token ${id}, no token could create or revoke tokens a day from now.`, {
    remedy: `Create another token with the scope tokens:admin first, or revoke this one on the host: conntrack-api token revoke ${id}.`,
  });
}
