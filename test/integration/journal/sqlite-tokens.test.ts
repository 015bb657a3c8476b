import { describe, expect, it } from 'vitest';
import { SCOPES, type Scope } from '../../../src/domain/token.ts';
import { SqliteTokens } from '../../../src/journal/tokens/sqlite-tokens.ts';
import { SettableClock } from './settable-clock.ts';
import { connectionOf, openJournalDatabase, refusal, startChild, tamper, temporaryDirectory } from './support.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const LATER = '2026-02-01T00:00:00.000Z';

function fixture() {
  const dataDir = temporaryDirectory();
  const database = openJournalDatabase(dataDir);
  const clock = new SettableClock(NOW);
  return { dataDir, database, clock, tokens: new SqliteTokens(database, clock) };
}

describe('SqliteTokens', () => {
  it('recognizes a token by its secret, which is not stored', () => {
    const { database, tokens } = fixture();
    const { token, secret } = tokens.create('Nachtschicht №7', ['table:read', 'settings:write'], new Date(LATER));
    expect(token).toStrictEqual({
      id: secret.slice(6, 18),
      name: 'Nachtschicht №7',
      scopes: ['table:read', 'settings:write'],
      createdAt: new Date(NOW),
      expiresAt: new Date(LATER),
      revokedAt: null,
      succeeds: null,
      lastUsedAt: null,
      identity: null,
    });
    const used = { ...token, lastUsedAt: new Date(NOW) };
    expect(tokens.authenticate(secret)).toStrictEqual(used);
    expect(tokens.list()).toStrictEqual([used]);
    expect(connectionOf(database).serialize().includes(secret.slice(19))).toBe(false);
  });

  it('lists tokens in the order of their creation', () => {
    const { tokens } = fixture();
    const ids = ['a', 'b', 'c', 'd'].map((name) => tokens.create(name, ['table:read'], null).token.id);
    expect(tokens.list().map(({ id }) => id)).toEqual(ids);
  });

  it('reports the same error for a malformed, a mistyped, an unknown and a forged secret', () => {
    const { tokens } = fixture();
    const { secret } = tokens.create('a', ['table:read'], null);
    const unknown = fixture().tokens.create('b', ['table:read'], null).secret;
    const forged = fixture();
    connectionOf(forged.database).exec('DROP TRIGGER token_only_revoked');
    forged.tokens.create('c', ['table:read'], null);
    connectionOf(forged.database).prepare('UPDATE token SET id = ?').run(unknown.slice(6, 18));

    const refusals = ['', 'secret', `${secret.slice(0, -1)}x`, unknown].map((text) => refusal(() => tokens.authenticate(text)));
    refusals.push(refusal(() => forged.tokens.authenticate(unknown)));
    expect(new Set(refusals.map(({ code, message }) => `${code} ${message}`))).toEqual(
      new Set(['UNAUTHENTICATED The bearer token is not valid.']),
    );
  });

  it('refuses a token from the instant it expires', () => {
    const { tokens, clock } = fixture();
    const { secret } = tokens.create('a', ['table:read'], new Date(LATER));
    clock.set('2026-01-31T23:59:59.999Z');
    expect(tokens.authenticate(secret).name).toBe('a');
    clock.set(LATER);
    expect(refusal(() => tokens.authenticate(secret)).code).toBe('TOKEN_EXPIRED');
  });

  it('refuses a revoked token immediately, and keeps the time of its first revocation', () => {
    const { tokens, clock } = fixture();
    const { token, secret } = tokens.create('a', ['table:read'], null);
    expect(tokens.revoke(token.id).revokedAt).toEqual(new Date(NOW));
    clock.set(LATER);
    expect(tokens.revoke(token.id).revokedAt).toEqual(new Date(NOW));
    expect(refusal(() => tokens.authenticate(secret)).code).toBe('TOKEN_REVOKED');
  });

  it('refuses a token that another process revoked', async () => {
    const { tokens, dataDir } = fixture();
    const { token, secret } = tokens.create('a', ['table:read'], null);
    expect(tokens.authenticate(secret).id).toBe(token.id);
    expect(await startChild('revoke-token', [dataDir, token.id]).exited).toEqual({ code: 0, errors: '' });
    expect(refusal(() => tokens.authenticate(secret)).code).toBe('TOKEN_REVOKED');
  });

  it('cannot revoke a token that does not exist', () => {
    expect(refusal(() => fixture().tokens.revoke('000000000000')).code).toBe('TOKEN_NOT_FOUND');
  });

  it.each(['x', 'x'.repeat(64), '🛒'.repeat(64), 'Zoë (on call)'])('accepts the name %s', (name) => {
    expect(fixture().tokens.create(name, ['table:read'], null).token.name).toBe(name);
  });

  it.each(['', ' ', 'x'.repeat(65), 'a\nb', 'a\u0000b', 'a\u202eb', 'a\ud800'])('refuses the name %j', (name) => {
    const { details, code } = refusal(() => fixture().tokens.create(name, ['table:read'], null));
    expect(code).toBe('INVALID_REQUEST');
    expect(details.errors).toMatchObject([{ field: 'name' }]);
  });

  it('reports all invalid fields of a token at once', () => {
    const { tokens } = fixture();
    const scopes = ['table:read', 'host:destroy'] as unknown as readonly Scope[];
    expect(refusal(() => tokens.create('', scopes, new Date(NOW))).details.errors).toMatchObject([
      { field: 'name', found: '""' },
      { field: 'scopes', found: 'host:destroy' },
      { field: 'expiresAt' },
    ]);
    expect(refusal(() => tokens.create('a', [], new Date(Number.NaN))).details.errors).toMatchObject([
      { field: 'scopes' },
      { field: 'expiresAt', found: 'Invalid Date' },
    ]);
    expect(tokens.list()).toEqual([]);
  });

  it('stores a repeated scope once', () => {
    expect(fixture().tokens.create('a', [...SCOPES, ...SCOPES], null).token.scopes).toEqual(SCOPES);
  });

  it.each([
    [`UPDATE token SET scopes = '["tokens:admin"]'`, 'never changed'],
    ['UPDATE token SET expires_at = NULL', 'never put off'],
    [`UPDATE token SET expires_at = '2026-03-01T00:00:00.000Z'`, 'never put off'],
    ['UPDATE token SET succeeds = id', 'never changed'],
    ['UPDATE token SET revoked_at = NULL', 'stays revoked'],
    ['DELETE FROM token', 'never deleted'],
  ])('is protected by the schema against %s', (statement, message) => {
    const { database, tokens } = fixture();
    tokens.revoke(tokens.create('a', ['table:read'], new Date(LATER)).token.id);
    expect(() => connectionOf(database).exec(statement)).toThrow(message);
  });

  it.each([`scopes = '["host:destroy"]'`, "expires_at = 'soon'"])(
    'refuses a token whose row cannot be parsed, and still lists the others: %s',
    (assignment) => {
      const { database, tokens } = fixture();
      const { secret, token } = tokens.create('a', ['table:read'], null);
      const other = tokens.create('b', ['table:read'], null);
      tamper(database, `UPDATE token SET ${assignment} WHERE id = '${token.id}'`);
      expect(refusal(() => tokens.authenticate(secret)).code).toBe('TOKEN_ALTERED');
      expect(tokens.list().map(({ id, scopes }) => [id, scopes])).toEqual([
        [token.id, []],
        [other.token.id, ['table:read']],
      ]);
    },
  );
});
