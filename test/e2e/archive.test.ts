import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Journal } from '../../src/application/ports/journal.ts';
import { JournalIntegrity } from '../../src/application/change/journal-integrity.ts';
import { WatchDrift } from '../../src/application/change/watch-drift.ts';
import type { ChangeDto } from '../../src/http/documents/change.dto.ts';
import { toText } from './ask.ts';
import { startService, type Service } from './service.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const UDP_TIMEOUT = '/proc/sys/net/netfilter/nf_conntrack_udp_timeout';

let service: Service;
let file: string;
beforeEach(async () => {
  service = await startService();
  file = join(service.dataDir, 'archive.ndjson');
  await patch({ udp_timeout: 40 });
  for (const icmp_timeout of [41, 42, 43]) await patch({ icmp_timeout });
});
afterEach(() => service.close());

const patch = async (settings: Readonly<Record<string, number>>, more: object = {}): Promise<ChangeDto> =>
  (
    await service
      .as('patch', '/api/v1/settings')
      .send({ settings, ...more })
      .expect(200)
  ).body as ChangeDto;
const get = async (path: string): Promise<Readonly<Record<string, unknown>>> =>
  (await service.as('get', `/api/v1${path}`).expect(200)).body as Readonly<Record<string, unknown>>;

/** `conntrack-api journal …` beside the running service. */
async function journal(...args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string; readonly code?: number }> {
  const command = promisify(execFile)(process.execPath, [MAIN, 'journal', ...args, '--data-dir', service.dataDir]);
  return command.catch((error: unknown) => error as { stdout: string; stderr: string; code: number });
}

it('moves old changes to a file beside the running service, which reports where its record begins', async () => {
  expect((await journal('archive', '--to', file, '--keep', '2', '--dry-run')).stdout).toBe(
    'Would archive changes 1 to 2 (records 1 to 5).\n',
  );
  const { stdout } = await journal('archive', '--to', file, '--keep', '2');
  expect(stdout).toContain('Archived changes 1 to 2 (records 1 to 5).');
  expect(stdout).toContain('cannot be rolled back any more');
  const [{ hash } = { hash: '' }] = (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { hash: string })
    .slice(-1);
  const archivedThrough = expect.objectContaining({ change: 2, head: `5:${hash}`, file }) as unknown;
  const list = await get('/changes');
  expect(list).toMatchObject({ archivedThrough });
  // The last change of udp_timeout stays; of icmp_timeout a newer one exists.
  expect((list['items'] as ChangeDto[]).map(({ id }) => id)).toEqual([4, 3, 1]);
  expect(await get('/changes/verify')).toMatchObject({ archivedThrough, records: 6 });

  expect((await journal('verify')).stdout).toContain('6 records, unbroken');
  const anchor = ['--anchor', `5:${hash}`];
  expect((await journal('verify', '--archive', file, ...anchor)).stdout).toMatch(/^5 archived records, unbroken.*\n6 records, unbroken/);
  const exported = await service.as('get', '/api/v1/changes/export').expect(200).buffer().parse(toText);
  expect(String(exported.body).split('\n')[0]).toContain(`"previousHash":"${hash}"`);

  await service.restart();
  await service.app.get(JournalIntegrity).verify();
  expect((await patch({ icmp_timeout: 44 })).id).toBe(5);
  expect((await journal('verify', '--archive', file)).stdout).toContain('8 records, unbroken');
});

it('refuses to roll back an archived change, or to one, and names the file', async () => {
  await journal('archive', '--to', file, '--keep', '2');
  const refused = { code: 'ARCHIVED', detail: expect.stringContaining(file) as unknown };
  for (const id of [1, 2]) {
    const rollback = await service
      .as('post', `/api/v1/changes/${String(id)}/rollback`)
      .send({ force: true })
      .expect(410);
    expect(rollback.body).toMatchObject(refused);
    expect((await service.as('post', '/api/v1/changes/rollback-to').send({ change: id, dryRun: true }).expect(410)).body).toMatchObject(
      refused,
    );
  }
  expect((await service.as('get', '/api/v1/changes/2').expect(410)).body).toMatchObject(refused);
  expect((await service.as('post', '/api/v1/changes/2/confirm').expect(410)).body).toMatchObject(refused);
  expect((await service.as('get', `/api/v1/changes/verify?anchor=2:${'a'.repeat(64)}`).expect(410)).body).toMatchObject({
    code: 'ARCHIVED',
  });
  await service.as('get', '/api/v1/changes/99').expect(404);
  await service.as('get', '/api/v1/changes/1').expect(200);
  await service.as('post', '/api/v1/changes/4/rollback').expect(200);
});

it('still detects drift from the value of an archived change', async () => {
  await journal('archive', '--to', file, '--keep', '0');
  await service.restart();
  await service.tree.write(UDP_TIMEOUT, '77\n');
  await service.app.get(WatchDrift).run();
  expect(await get('/changes/5')).toMatchObject({ kind: 'drift', settings: [{ name: 'udp_timeout', before: 40, requested: 77 }] });
});

it('stops before a change that awaits confirmation, which can still be confirmed', async () => {
  const { id } = await patch({ icmp_timeout: 50 }, { confirmWithinSeconds: 600 });
  await patch({ udp_timeout: 60 });
  const { stdout } = await journal('archive', '--to', file, '--keep', '0');
  expect(stdout).toContain(`Archived changes 1 to ${String(id - 1)}`);
  expect(stdout).toContain(`Later changes stay: change ${String(id)} awaits confirmation.`);
  await service.as('post', `/api/v1/changes/${String(id)}/confirm`).expect(200);
  expect((await journal('archive', '--to', join(service.dataDir, 'second.ndjson'), '--keep', '0')).stdout).toContain(
    `Archived changes ${String(id)} to`,
  );
  expect(service.app.get(Journal).archived()?.change).toBe(id + 2);
});

it('needs a limit, and a file that does not exist', async () => {
  expect(await journal('archive', '--to', file)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--older-than or --keep') as unknown,
  });
  expect(await journal('archive', '--to', file, '--keep', 'all')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Expected a number') as unknown,
  });
  const missing = join(service.dataDir, 'missing', 'a.ndjson');
  expect(await journal('archive', '--to', missing, '--keep', '0')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('ENOENT') as unknown,
  });
  const taken = join(service.dataDir, 'conntrack-api.sqlite3');
  expect(await journal('archive', '--to', taken, '--keep', '0')).toMatchObject({ code: 3 });
  expect(await get('/changes')).not.toHaveProperty('archivedThrough');
  expect((await journal('archive', '--to', file, '--older-than', '1h')).stdout).toBe('Nothing to archive.\n');
});
