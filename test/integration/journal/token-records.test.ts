import SqliteDatabase from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Administrator } from '../../../src/application/ports/tokens.ts';
import type { Scope } from '../../../src/domain/token.ts';
import { createDatabaseFile } from '../../../src/journal/file/connection.ts';
import { exportRecords, verifyChain } from '../../../src/journal/record/chain.ts';
import { openDatabase } from '../../../src/journal/open-database.ts';
import { openDatabaseReadOnly } from '../../../src/journal/read-only.ts';
import { SqliteTokens } from '../../../src/journal/tokens/sqlite-tokens.ts';
import { newTokenSecret, secretSha256 } from '../../../src/journal/tokens/token-secret.ts';
import { SettableClock } from './settable-clock.ts';
import { connectionOf, databasePath, openJournalDatabase, refusal, tamper, temporaryDirectory } from './support.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const EXPIRY = '2026-03-01T00:00:00.000Z';
const ADA: Administrator = { actor: { tokenId: 'a'.repeat(12), name: 'ada', peer: '192.0.2.7' }, requestId: 'req-7' };
const MIGRATIONS = new URL('../../../migrations/', import.meta.url);

function fixture() {
  const database = openJournalDatabase();
  const clock = new SettableClock(NOW);
  const heads: string[] = [];
  const tokens = new SqliteTokens(database, clock, ({ sequence, hash }) => heads.push(`${sequence}:${hash}`));
  const create = (name: string, ...scopes: Scope[]) => tokens.create(name, scopes, new Date(EXPIRY), ADA);
  return { database, clock, tokens, heads, create };
}

describe('a token record', () => {
  it('states who created, rotated and revoked a token, when, and its state before and after', () => {
    const { database, clock, tokens, create, heads } = fixture();
    const { token } = create('deploy', 'table:read', 'settings:write');
    clock.set('2026-01-02T00:00:00.000Z');
    const successor = tokens.rotate(token.id, 60, ADA).token;
    clock.set('2026-01-03T00:00:00.000Z');
    tokens.revoke(successor.id, { evenLastAdmin: true, by: ADA });
    tokens.revoke(successor.id, { evenLastAdmin: true, by: ADA });

    const first = { name: 'deploy', scopes: ['table:read', 'settings:write'], createdAt: NOW, expiresAt: EXPIRY, revokedAt: null };
    expect(tokens.recordsOf(token.id)).toMatchObject([
      { sequence: 1, action: 'created', at: new Date(NOW), by: ADA, before: null, after: { ...first, succeeds: null } },
      { sequence: 3, action: 'rotated', by: ADA, before: first, after: { ...first, expiresAt: '2026-01-02T00:01:00.000Z' } },
    ]);
    expect(tokens.recordsOf(successor.id)).toMatchObject([
      { sequence: 2, action: 'created', after: { succeeds: token.id, revokedAt: null } },
      { sequence: 4, action: 'revoked', before: { revokedAt: null }, after: { revokedAt: '2026-01-03T00:00:00.000Z' } },
    ]);
    const { records, head, ...problems } = verifyChain(database);
    expect({ records, problems }).toEqual({ records: 4, problems: {} });
    expect(heads.at(-1)).toBe(`${head.sequence}:${head.hash}`);
    expect(refusal(() => tokens.recordsOf('0'.repeat(12))).code).toBe('TOKEN_NOT_FOUND');
  });

  it('contains neither the secret nor its stored hash', () => {
    const { database, create } = fixture();
    const { secret } = create('a', 'table:read');
    const text = [...exportRecords(database)].join('\n');
    expect(text).toContain('"created');
    const hash = createHash('sha256').update(secret).digest();
    for (const hidden of [secret.slice(19), hash.toString('hex'), hash.toString('base64')]) expect(text).not.toContain(hidden);
  });

  it('is not written if the token is refused', () => {
    const { database, tokens, create } = fixture();
    const { token } = create('admin', 'tokens:admin');
    expect(refusal(() => create('', 'table:read')).code).toBe('INVALID_REQUEST');
    expect(refusal(() => tokens.revoke(token.id)).code).toBe('LAST_ADMIN_TOKEN');
    expect(refusal(() => tokens.rotate('0'.repeat(12), 0)).code).toBe('TOKEN_NOT_FOUND');
    expect(verifyChain(database).records).toBe(1);
  });
});

describe('a token altered in the database', () => {
  it.each([
    [`scopes = '["changes:read","tokens:admin"]'`, 'scopes: recorded ["changes:read"], found ["changes:read","tokens:admin"]'],
    [`scopes = '[["changes:read"]]'`, 'scopes: recorded ["changes:read"]'],
    ["expires_at = '2031-01-01T00:00:00.000Z'", `expiresAt: recorded "${EXPIRY}", found "2031-01-01T00:00:00.000Z"`],
    ['expires_at = NULL', `expiresAt: recorded "${EXPIRY}", found null`],
    ["name = 'root'", 'name: recorded "a", found "root"'],
    ["created_at = '2025-12-31T00:00:00.000Z'", 'createdAt: recorded'],
    ['succeeds = id', 'succeeds: recorded null'],
    [`scopes = '["tokens:admin"]', name = 'root'`, 'name: recorded "a", found "root"; scopes: recorded'],
  ])('is refused, without refusing others: %s', (assignment, difference) => {
    const { database, tokens, create } = fixture();
    const [altered, intact] = [create('a', 'changes:read'), create('b', 'changes:read')];
    tamper(database, `UPDATE token SET ${assignment} WHERE id = '${altered.token.id}'`);

    for (const refused of [
      () => tokens.authenticate(altered.secret),
      () => {
        tokens.requireValid(altered.token.id);
      },
    ]) {
      const { code, message } = refusal(refused);
      expect({ code, names: message.includes(altered.token.id), difference: message.includes(difference) }).toEqual({
        code: 'TOKEN_ALTERED',
        names: true,
        difference: true,
      });
    }
    expect(tokens.authenticate(intact.secret).scopes).toEqual(['changes:read']);
    const { broken, alteredTokens } = verifyChain(database);
    expect(broken).toBeUndefined();
    expect(alteredTokens).toEqual([{ id: altered.token.id, difference: expect.stringContaining(difference) as string }]);
    expect(tokens.list().map(({ scopes }) => scopes)).toEqual([[], ['changes:read']]);
  });

  it('is refused with the secret that was put in place of the recorded one, and with the recorded one', () => {
    const { database, tokens, create } = fixture();
    const { token, secret } = create('a', 'tokens:admin');
    const body = `ctapi_${token.id}_${'5'.repeat(64)}`;
    const forged = body + crc32(body).toString(16).padStart(8, '0');
    tamper(database, `UPDATE token SET secret_sha256 = x'${secretSha256(forged).toString('hex')}'`);
    expect(refusal(() => tokens.authenticate(forged))).toMatchObject({
      code: 'TOKEN_ALTERED',
      message: expect.stringContaining('secret: replaced') as string,
    });
    expect(refusal(() => tokens.authenticate(secret)).code).toBe('UNAUTHENTICATED');
  });

  it('is refused if its revocation was removed', () => {
    const { database, tokens, create } = fixture();
    const { token, secret } = create('a', 'table:read');
    tokens.revoke(token.id, { evenLastAdmin: true });
    tamper(database, 'UPDATE token SET revoked_at = NULL');
    expect(refusal(() => tokens.authenticate(secret)).message).toContain(`revokedAt: recorded "${NOW}", found null`);
  });

  it('is refused if it was inserted, or copied from another journal', () => {
    const { database, tokens } = fixture();
    const other = fixture();
    const { secret } = other.create('a', 'tokens:admin');
    const { changes } = copyTokens(other.database.path, database.path);
    expect(changes).toBe(1);
    expect(refusal(() => tokens.authenticate(secret)).message).toContain('it has no record');
    expect(verifyChain(database).alteredTokens).toHaveLength(1);
  });

  it('is refused if its record was changed to match', () => {
    const { database, tokens, create } = fixture();
    const { token, secret } = create('a', 'table:read');
    const widen = (column: string): string => `replace(${column}, 'table:read', 'tokens:admin')`;
    tamper(database, `UPDATE token SET scopes = ${widen('scopes')}`, `UPDATE record SET content = ${widen('content')}`);
    expect(refusal(() => tokens.authenticate(secret)).message).toContain('its record 1 was altered');
    expect(verifyChain(database)).toMatchObject({ broken: { sequence: 1 }, alteredTokens: [{ id: token.id }] });
  });

  it('is reported if its row was removed', () => {
    const { database, create } = fixture();
    const { token } = create('a', 'table:read');
    tamper(database, 'DELETE FROM token');
    expect(verifyChain(database).alteredTokens).toEqual([{ id: token.id, difference: 'its row was removed' }]);
  });

  it('cannot be rotated, does not count as an administrator, and is settled by revoking it', () => {
    const { database, tokens, create } = fixture();
    const admin = create('admin', 'tokens:admin');
    const { token } = create('a', 'table:read');
    tamper(database, `UPDATE token SET scopes = '["tokens:admin"]' WHERE id = '${token.id}'`);
    expect(refusal(() => tokens.rotate(token.id, 0))).toMatchObject({
      code: 'TOKEN_NOT_CURRENT',
      message: expect.stringContaining('altered outside this service') as string,
    });
    expect(refusal(() => tokens.revoke(admin.token.id)).code).toBe('LAST_ADMIN_TOKEN');
    expect(tokens.revoke(token.id, { by: ADA }).altered).toBeUndefined();
    expect(tokens.recordsOf(token.id).at(-1)).toMatchObject({
      action: 'revoked',
      before: { scopes: ['tokens:admin'] },
      altered: 'scopes: recorded ["table:read"], found ["tokens:admin"]',
    });
    expect(verifyChain(database).alteredTokens).toBeUndefined();
  });
});

describe('a journal from before tokens were recorded', () => {
  /** Applies the migrations up to this one as that version did, and inserts tokens. */
  function oldJournal(last: number): { dataDir: string; secrets: string[] } {
    const dataDir = temporaryDirectory();
    createDatabaseFile(databasePath(dataDir));
    const raw = new SqliteDatabase(databasePath(dataDir));
    raw.exec(
      'CREATE TABLE migration (number INTEGER PRIMARY KEY CHECK (number >= 1), name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at TEXT NOT NULL DEFAULT 0) STRICT',
    );
    const names = readdirSync(MIGRATIONS)
      .filter((name) => name.endsWith('.sql'))
      .sort();
    for (const [index, name] of names.slice(0, last).entries()) {
      const sql = readFileSync(new URL(name, MIGRATIONS));
      raw.exec(sql.toString());
      const sha256 = createHash('sha256').update(sql).digest('hex');
      raw.prepare('INSERT INTO migration (number, name, sha256) VALUES (?, ?, ?)').run(index + 1, name, sha256);
    }
    const secrets = ['one', 'two'].map((name) => {
      const { id, text } = newTokenSecret();
      const insert = 'INSERT INTO token (id, name, secret_sha256, scopes, created_at) VALUES (?, ?, ?, ?, ?)';
      raw.prepare(insert).run(id, name, secretSha256(text), '["table:read"]', NOW);
      return text;
    });
    raw.close();
    return { dataDir, secrets };
  }

  it('keeps its tokens, records their present state once, and adopts no later row', () => {
    const { dataDir, secrets } = oldJournal(4);
    const database = openJournalDatabase(dataDir);
    const tokens = new SqliteTokens(database, new SettableClock(NOW));
    expect(secrets.map((secret) => tokens.authenticate(secret).name)).toEqual(['one', 'two']);
    const records = tokens.list().flatMap(({ id }) => tokens.recordsOf(id));
    expect(records).toMatchObject([
      { action: 'adopted', before: null, after: { name: 'one', scopes: ['table:read'] }, by: { actor: { tokenId: 'service' } } },
      { action: 'adopted', after: { name: 'two' } },
    ]);
    expect(copyTokens(fixtureWithToken(), database.path).changes).toBe(1);
    database.close();
    const reopened = openJournalDatabase(dataDir);
    expect(verifyChain(reopened)).toMatchObject({
      records: 2,
      alteredTokens: [{ difference: expect.stringContaining('no record') as string }],
    });
  });

  it('is read as it is while it cannot be upgraded', () => {
    const { dataDir, secrets } = oldJournal(4);
    const database = openDatabaseReadOnly(dataDir);
    expect(new SqliteTokens(database, new SettableClock(NOW)).authenticate(secrets[0] ?? '').name).toBe('one');
    expect(verifyChain(database)).toMatchObject({ records: 0 });
    database.close();
  });

  function fixtureWithToken(): string {
    const { database, create } = fixture();
    create('inserted', 'tokens:admin');
    connectionOf(database).pragma('wal_checkpoint(TRUNCATE)');
    return database.path;
  }
});

describe('a journal without tokens', () => {
  it('has no records of tokens, and begins with the first', () => {
    const dataDir = temporaryDirectory();
    openDatabase(dataDir).close();
    expect(verifyChain(openJournalDatabase(dataDir)).records).toBe(0);
  });
});

function copyTokens(from: string, to: string): { readonly changes: number } {
  const raw = new SqliteDatabase(to);
  raw.exec(`ATTACH '${from}' AS other`);
  const { changes } = raw.prepare('INSERT INTO main.token SELECT * FROM other.token').run();
  raw.close();
  return { changes };
}
