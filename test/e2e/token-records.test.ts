import SqliteDatabase from 'better-sqlite3';
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Journal } from '../../src/application/ports/journal.ts';
import type { TokenRecordDto } from '../../src/http/tokens/token-record.dto.ts';
import { toText, type Answer } from './ask.ts';
import { startService, type Service } from './service.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const VERIFIER = join(import.meta.dirname, '../../docs/verify-export.py');

let service: Service;
beforeEach(async () => {
  service = await startService();
});
afterEach(() => service.close());

const commandLine = (...args: readonly string[]) =>
  promisify(execFile)(process.execPath, [MAIN, ...args, '--data-dir', service.dataDir]).catch(
    (error: unknown) => error as { stdout: string },
  );
const recordOf = async (id: string): Promise<TokenRecordDto> =>
  (await service.as('get', `/api/v1/tokens/${id}/record`).expect(200)).body as TokenRecordDto;
const created = (answer: Answer) => answer.body as { id: string; token: string };

/** Edits the database of the running service, as anyone can who may write it. */
function edit(...statements: readonly string[]): void {
  const raw = new SqliteDatabase(join(service.dataDir, 'conntrack-api.sqlite3'));
  for (const trigger of ['token_only_revoked', 'token_expiry_only_nearer', 'token_never_deleted']) raw.exec(`DROP TRIGGER ${trigger}`);
  for (const statement of statements) raw.exec(statement);
  raw.close();
}

it('records what administrators do over the API and on the command line, as part of the exported chain', async () => {
  const response = await service
    .as('post', '/api/v1/tokens')
    .send({ name: 'deploy', scopes: ['table:read'] })
    .expect(201);
  const { id } = created(response);
  const { sequence, hash } = service.app.get(Journal).head();
  expect(response.headers['conntrack-journal-head']).toBe(`${sequence}:${hash}`);
  await service.as('post', `/api/v1/tokens/${id}/rotate`).send({ overlapSeconds: 60 }).expect(201);
  await commandLine('token', 'revoke', id);

  const { items } = await recordOf(id);
  expect(items.map(({ action, actor }) => [action, actor.name, actor.peer])).toEqual([
    ['created', 'e2e', '127.0.0.1'],
    ['rotated', 'e2e', '127.0.0.1'],
    ['revoked', 'command line', `uid=${String(process.getuid?.())}`],
  ]);
  expect(items.map(({ requestId }) => requestId === null)).toEqual([false, false, true]);
  expect(items[0]).toMatchObject({ sequence, hash, before: null, after: { name: 'deploy', scopes: ['table:read'], revokedAt: null } });
  expect(items[2]?.after.revokedAt).not.toBeNull();

  const exported = String((await service.as('get', '/api/v1/changes/export').expect(200).buffer().parse(toText)).body);
  const { stdout } = spawnSync('python3', [VERIFIER, `${sequence}:${hash}`], { input: exported, encoding: 'utf8' });
  expect(stdout).toMatch(/^5 records, unbroken/);
  await service.as('get', `/api/v1/tokens/${'0'.repeat(12)}/record`).expect(404);
});

it('refuses a token with a forged scope and names it and the field, while other tokens and changes continue', async () => {
  const { id, token } = created(
    await service
      .as('post', '/api/v1/tokens')
      .send({ name: 'reader', scopes: ['table:read'] })
      .expect(201),
  );
  const metric = async () => /^conntrack_api_tokens_altered (\d+)$/m.exec((await service.as('get', '/metrics').expect(200)).text)?.[1];
  expect(await metric()).toBe('0');
  edit(`UPDATE token SET scopes = '["table:read","tokens:admin"]' WHERE id = '${id}'`);
  expect(await metric()).toBe('1');

  const difference = 'scopes: recorded ["table:read"], found ["table:read","tokens:admin"]';
  expect((await service.raw('get', '/api/v1/tokens', token).expect(401)).body).toMatchObject({ code: 'TOKEN_ALTERED' });
  const { body } = await service.as('get', '/api/v1/changes/verify').expect(200);
  expect(body).toMatchObject({ records: 2, alteredTokens: [{ id, difference }] });
  expect(body).not.toHaveProperty('broken');
  const { items } = (await service.as('get', '/api/v1/tokens').expect(200)).body as {
    items: { id: string; altered?: string; scopes: string[] }[];
  };
  expect(items.filter(({ altered }) => altered !== undefined)).toMatchObject([{ id, altered: difference, scopes: [] }]);
  expect((await commandLine('journal', 'verify')).stdout).toMatch(`2 records, unbroken, head`);
  expect(await commandLine('journal', 'verify')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining(`ALTERED token ${id}: ${difference}`) as string,
  });
  await service
    .as('patch', '/api/v1/settings')
    .send({ settings: { udp_timeout: 45 } })
    .expect(200);

  await service.restart();
  await service.raw('get', '/api/v1/table', token).expect(401);
  await service.as('get', '/api/v1/table').expect(200);
  await service.as('delete', `/api/v1/tokens/${id}`).expect(200);
  expect((await recordOf(id)).items.at(-1)).toMatchObject({ action: 'revoked', altered: difference });
  expect((await service.as('get', '/api/v1/changes/verify').expect(200)).body).not.toHaveProperty('alteredTokens');
  expect(await metric()).toBe('0');
});
