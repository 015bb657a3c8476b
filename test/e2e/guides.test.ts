import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SCOPES } from '../../src/domain/token.ts';
import { bashBlocks, runBlocks } from '../support/readme-blocks.ts';
import { listen } from './raw.ts';
import { startService, type Service } from './service.ts';

const ROOT = join(import.meta.dirname, '../..');

let service: Service;
let work: string;
let env: NodeJS.ProcessEnv;
beforeEach(async () => {
  service = await startService();
  work = join(service.dataDir, 'work');
  await mkdir(work);
  // The installed command.
  await writeFile(join(work, 'conntrack-api'), `#!/bin/sh\nexec "${process.execPath}" "${ROOT}/src/main.ts" "$@"\n`);
  await chmod(join(work, 'conntrack-api'), 0o700);
  env = {
    PATH: `${work}:${process.env['PATH'] ?? ''}`,
    CONNTRACK_API_DATA_DIR: service.dataDir,
    BACKUPS: work,
    STATE: work,
    API: `http://127.0.0.1:${String(await listen(service.app))}/api/v1`,
    AUTH: `Authorization: Bearer ${service.token(...SCOPES)}`,
  };
});
afterEach(() => service.close());

const change = (value: number) =>
  service
    .as('patch', '/api/v1/settings')
    .send({ settings: { udp_timeout: value } })
    .expect(200);

/** Runs the commands under a heading as printed. */
async function run(guide: string, heading: string): Promise<string> {
  const blocks = bashBlocks(await readFile(join(ROOT, 'docs/how-to', `${guide}.md`), 'utf8'), heading);
  const { exitCode, transcript } = await runBlocks(blocks, { cwd: ROOT, env });
  expect(exitCode, transcript).toBe(0);
  return transcript;
}

it('runs the commands of docs/how-to/backup-and-restore.md as printed', async () => {
  await change(41);
  expect(await run('backup-and-restore', 'Back up')).toMatch(/4 records, unbroken[^]*4 records, unbroken/);
  await change(42);
  await service.restart(async () => {
    expect(await run('backup-and-restore', 'Restore')).toMatch(/The restore is record 5:[^]*5 records, unbroken/);
  });
  expect((await service.as('get', '/api/v1/changes').expect(200)).body).toMatchObject({ items: [{ id: 1 }] });
});

it('runs the commands of docs/how-to/forward-the-record.md as printed', async () => {
  await change(41);
  await run('forward-the-record', 'To a file');
  await change(42);
  await run('forward-the-record', 'To a file');
  const records = (await readFile(join(work, 'record.ndjson'), 'utf8')).trimEnd().split('\n');
  expect(records.map((line) => (JSON.parse(line) as { sequence: number }).sequence)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await run('forward-the-record', 'Over HTTP, from another host')).toContain(records[5]);
});
