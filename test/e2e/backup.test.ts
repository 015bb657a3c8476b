import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { JournalIntegrity } from '../../src/application/change/journal-integrity.ts';
import { WatchDrift } from '../../src/application/change/watch-drift.ts';
import { Tokens } from '../../src/application/ports/tokens.ts';
import type { ChangeDto } from '../../src/http/documents/change.dto.ts';
import { startService, type Service } from './service.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

let service: Service;
let file: string;
beforeEach(async () => {
  service = await startService();
  file = join(service.dataDir, 'backup');
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

/** `conntrack-api journal …`, without a terminal. */
async function journal(...args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string; readonly code?: number }> {
  const command = promisify(execFile)(process.execPath, [MAIN, 'journal', ...args, '--data-dir', service.dataDir]);
  return command.catch((error: unknown) => error as { stdout: string; stderr: string; code: number });
}

it('is taken beside the running service, and restored while it is stopped', async () => {
  const secret = service.token('changes:read');
  await patch({ udp_timeout: 41 }, { persist: true });
  const { stdout } = await journal('backup', file, '--json');
  const { sequence, hash } = JSON.parse(stdout) as { sequence: number; hash: string };
  expect((await journal('verify', '--file', file)).stdout).toBe(`4 records, unbroken, head ${String(sequence)}:${hash}\n`);
  await patch({ udp_timeout: 42 });
  const tokens = service.app.get(Tokens);
  const revoked = tokens.list().find(({ scopes }) => scopes.length === 1);
  tokens.revoke(revoked?.id ?? '');

  expect(await journal('restore', file, '--yes')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('is in use by process') as unknown,
  });
  await service.raw('get', '/api/v1/changes', secret).expect(401);
  await service.restart(async () => {
    const asked = await journal('restore', file);
    expect(asked).toMatchObject({ code: 3, stderr: expect.stringContaining('was not confirmed') as unknown });
    expect(asked.stderr).toContain(`Token ${String(revoked?.id)} (e2e: changes:read) becomes valid as in the backup.`);
    expect((await journal('restore', file, '--yes')).stdout).toContain(`Restored ${file}, head ${String(sequence)}:${hash}.`);
  });
  await service.raw('get', '/api/v1/changes', secret).expect(200);
  await service.app.get(JournalIntegrity).verify();
  expect(await get('/changes/verify')).toMatchObject({ records: 5 });

  // The value that was set after the backup is one that another tool has set.
  await service.app.get(WatchDrift).run();
  expect(await get('/changes/2')).toMatchObject({ kind: 'drift', settings: [{ name: 'udp_timeout', before: 41, requested: 42 }] });
  await service.as('post', '/api/v1/changes/1/rollback').send({ force: true }).expect(200);
  expect((await journal('verify', '--anchor', `${String(sequence)}:${hash}`)).stdout).toContain('unbroken');
});

it('restores a change without an outcome, which the service then settles, and one that awaits confirmation', async () => {
  const { id } = await patch({ udp_timeout: 41 }, { confirmWithinSeconds: 600 });
  await journal('backup', file);
  await service.as('post', `/api/v1/changes/${String(id)}/confirm`).expect(200);
  await service.restart(async () => {
    expect((await journal('restore', file, '--yes')).stderr).toContain(`Change ${String(id)} of the backup awaits confirmation`);
  });
  await service.as('post', `/api/v1/changes/${String(id)}/confirm`).expect(200);
});

it('exits with 2 for wrong usage and 3 for a file that cannot be used', async () => {
  expect(await journal('backup')).toMatchObject({ code: 2 });
  expect(await journal('restore')).toMatchObject({ code: 2 });
  expect(await journal('backup', '/proc/self/none/b')).toMatchObject({ code: 3 });
  expect(await journal('restore', join(service.dataDir, 'none'), '--yes')).toMatchObject({ code: 3 });
});
