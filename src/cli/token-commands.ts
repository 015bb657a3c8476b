import type { RotateFlags, TokenFlags } from './command-flags.ts';
import { commandLineUser } from './command-line-user.ts';
import type { NewToken } from '../application/ports/tokens.ts';
import { after, isLastAdmin, refuseLongLife } from '../domain/token-life.ts';
import type { Token } from '../domain/token.ts';
import { openDatabase } from '../journal/open-database.ts';
import { SqliteTokens } from '../journal/tokens/sqlite-tokens.ts';
import { SystemClock } from '../kernel/system-clock.ts';

const CLOCK = new SystemClock();

export function createToken({ dataDir, name, scope, expires, longLived, json }: TokenFlags): void {
  withTokens(dataDir, (tokens) => {
    const expiresAt = expires === 'never' ? null : after(CLOCK.now(), expires);
    if (longLived !== true) refuseLongLife(expiresAt, CLOCK.now(), 'Add --long-lived to allow it.');
    showNew(tokens.create(name, scope, expiresAt, commandLineUser()), json);
  });
}

export function rotateToken(id: string, { dataDir, overlap, json }: RotateFlags): void {
  withTokens(dataDir, (tokens) => {
    const successor = tokens.rotate(id, overlap, commandLineUser());
    process.stderr.write(`Token ${id} stays valid until ${tokens.get(id).expiresAt?.toISOString() ?? 'revoked'}.\n`);
    showNew(successor, json);
  });
}

function showNew({ token, secret }: NewToken, json: true | undefined): void {
  const { id, name, scopes, expiresAt } = token;
  if (json) print(JSON.stringify({ id, token: secret, name, scopes, expiresAt }));
  else {
    process.stderr.write(`Token ${id} (${name}), expires ${expiresAt?.toISOString() ?? 'never'}. The secret is shown only once:\n`);
    print(secret);
  }
}

export function listTokens({ dataDir, json }: { readonly dataDir: string; readonly json?: true }): void {
  withTokens(dataDir, (tokens) => {
    const all = tokens.list();
    if (json) print(JSON.stringify(all));
    else printTable(['ID', 'NAME', 'STATE', 'LAST USED', 'SCOPES'], all.map(rowOf));
  });
}

export function revokeToken(id: string, { dataDir }: { readonly dataDir: string }): void {
  withTokens(dataDir, (tokens) => {
    const isLast = isLastAdmin(tokens.get(id), tokens.list(), CLOCK.now());
    print(`Revoked token ${tokens.revoke(id, { evenLastAdmin: true, by: commandLineUser() }).id}.`);
    if (isLast)
      process.stderr.write('No remaining token can create tokens. Create one with conntrack-api token create --name admin --scope all.\n');
  });
}

function rowOf(token: Token): readonly string[] {
  return [token.id, token.name, stateOf(token), token.lastUsedAt?.toISOString() ?? 'never', token.scopes.join(',')];
}

/** Columns two spaces apart. */
function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  for (const row of all)
    print(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

function stateOf({ revokedAt, expiresAt, altered }: Token): string {
  if (altered !== undefined) return `ALTERED outside this service (${altered})`;
  if (revokedAt) return `revoked ${revokedAt.toISOString()}`;
  if (expiresAt && expiresAt.getTime() <= Date.now()) return `expired ${expiresAt.toISOString()}`;
  return `valid until ${expiresAt?.toISOString() ?? 'revoked'}`;
}

function withTokens(dataDir: string, use: (tokens: SqliteTokens) => void): void {
  const database = openDatabase(dataDir);
  try {
    use(new SqliteTokens(database, CLOCK));
  } finally {
    database.close();
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
