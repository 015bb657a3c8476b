import type { TokenFlags } from './command-flags.ts';
import type { Token } from './domain/token.ts';
import { openDatabase } from './journal/database.ts';
import { SqliteTokens } from './journal/sqlite-tokens.ts';
import { SystemClock } from './system-clock.ts';

export function createToken({ dataDir, name, scope, expires, json }: TokenFlags): void {
  withTokens(dataDir, (tokens) => {
    const expiresAt = expires === null ? null : new Date(Date.now() + expires * 1000);
    const { token, secret } = tokens.create(name, scope, expiresAt);
    if (json) print(JSON.stringify({ id: token.id, token: secret, name, scopes: token.scopes, expiresAt: token.expiresAt }));
    else {
      process.stderr.write(`Token ${token.id} (${name}), expires ${token.expiresAt?.toISOString() ?? 'never'}. It is shown only now:\n`);
      print(secret);
    }
  });
}

export function listTokens({ dataDir, json }: { readonly dataDir: string; readonly json?: true }): void {
  withTokens(dataDir, (tokens) => {
    const all = tokens.list();
    if (json) print(JSON.stringify(all));
    else for (const token of all) print(`${token.id}  ${stateOf(token)}  ${token.name}  ${token.scopes.join(',')}`);
  });
}

export function revokeToken(id: string, { dataDir }: { readonly dataDir: string }): void {
  withTokens(dataDir, (tokens) => {
    print(`Token ${tokens.revoke(id).id} is revoked.`);
  });
}

function stateOf({ revokedAt, expiresAt }: Token): string {
  if (revokedAt) return `revoked ${revokedAt.toISOString()}`;
  if (expiresAt && expiresAt.getTime() <= Date.now()) return `expired ${expiresAt.toISOString()}`;
  return `valid until ${expiresAt?.toISOString() ?? 'revoked'}`;
}

function withTokens(dataDir: string, use: (tokens: SqliteTokens) => void): void {
  const database = openDatabase(dataDir);
  try {
    use(new SqliteTokens(database, new SystemClock()));
  } finally {
    database.close();
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
