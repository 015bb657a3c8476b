import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KernelWorker, KernelRequestRefused } from '../../../src/kernel/worker/kernel-worker.ts';

const IDLE_MILLISECONDS = 50;

let directory: string;
let worker: KernelWorker;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kernel-worker-'));
  worker = new KernelWorker(IDLE_MILLISECONDS);
});

afterEach(async () => {
  await worker.close();
  await rm(directory, { recursive: true });
});

const readIn = (namespacePath: string): Promise<unknown> => worker.request<'sysctls'>({ kind: 'sysctls', namespacePath, paths: {} });

describe('the kernel worker', () => {
  it('reports the error of the kernel if the namespace does not exist', async () => {
    await expect(readIn(join(directory, 'absent'))).rejects.toMatchObject({ what: 'open', failure: { code: 'ENOENT' } });
  });

  it('does not follow a symbolic link, even to a namespace', async () => {
    const path = join(directory, 'link');
    await symlink('/proc/self/ns/net', path);
    await expect(readIn(path)).rejects.toMatchObject({ failure: { code: 'ELOOP' } });
  });

  it('refuses a file that is not a namespace', async () => {
    const path = join(directory, 'file');
    await writeFile(path, '');
    await expect(readIn(path)).rejects.toMatchObject({ what: 'setns', failure: { code: 'EINVAL' } });
  });

  it('replies to each of many concurrent requests', async () => {
    const names = Array.from({ length: 20 }, (_, index) => join(directory, String(index)));
    await Promise.all(names.filter((_, index) => index % 2 === 0).map((path) => writeFile(path, '')));
    const codes = await Promise.all(
      names.map((path) => readIn(path).catch((error: unknown) => (error as KernelRequestRefused).failure.code)),
    );
    expect(codes).toEqual(names.map((_, index) => (index % 2 === 0 ? 'EINVAL' : 'ENOENT')));
  });

  it('runs only while there are requests, and starts again', async () => {
    expect(worker.isRunning).toBe(false);
    await expect(readIn(directory)).rejects.toBeInstanceOf(KernelRequestRefused);
    expect(worker.isRunning).toBe(true);
    await expect.poll(() => worker.isRunning, { timeout: 5_000 }).toBe(false);
    await expect(readIn(directory)).rejects.toBeInstanceOf(KernelRequestRefused);
  });

  it('settles pending requests when it is closed', async () => {
    const pending = readIn(directory);
    const closed = sleep(0).then(() => worker.close());
    await expect(pending).rejects.toBeInstanceOf(KernelRequestRefused);
    await closed;
  });
});
