import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KernelWorker, KernelRequestRefused } from '../../../src/kernel/worker/kernel-worker.ts';

const IDLE_MILLISECONDS = 50;

let directory: string;
let thread: KernelWorker;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kernel-thread-'));
  thread = new KernelWorker(IDLE_MILLISECONDS);
});

afterEach(async () => {
  await thread.close();
  await rm(directory, { recursive: true });
});

const lookInto = (namespacePath: string): Promise<unknown> => thread.ask<'sysctls'>({ kind: 'sysctls', namespacePath, paths: {} });

describe('the thread that asks the kernel', () => {
  it('says what the kernel said where there is no such namespace', async () => {
    await expect(lookInto(join(directory, 'absent'))).rejects.toMatchObject({ what: 'open', failure: { code: 'ENOENT' } });
  });

  it('follows no symbolic link, though it leads to a namespace', async () => {
    const path = join(directory, 'link');
    await symlink('/proc/self/ns/net', path);
    await expect(lookInto(path)).rejects.toMatchObject({ failure: { code: 'ELOOP' } });
  });

  it('is refused what is no namespace', async () => {
    const path = join(directory, 'file');
    await writeFile(path, '');
    await expect(lookInto(path)).rejects.toMatchObject({ what: 'setns', failure: { code: 'EINVAL' } });
  });

  it('answers many at once, each its own', async () => {
    const names = Array.from({ length: 20 }, (_, index) => join(directory, String(index)));
    await Promise.all(names.filter((_, index) => index % 2 === 0).map((path) => writeFile(path, '')));
    const codes = await Promise.all(
      names.map((path) => lookInto(path).catch((error: unknown) => (error as KernelRequestRefused).failure.code)),
    );
    expect(codes).toEqual(names.map((_, index) => (index % 2 === 0 ? 'EINVAL' : 'ENOENT')));
  });

  it('is there only while somebody asks, and comes again', async () => {
    expect(thread.isRunning).toBe(false);
    await expect(lookInto(directory)).rejects.toBeInstanceOf(KernelRequestRefused);
    expect(thread.isRunning).toBe(true);
    await expect.poll(() => thread.isRunning, { timeout: 5_000 }).toBe(false);
    await expect(lookInto(directory)).rejects.toBeInstanceOf(KernelRequestRefused);
  });

  it('does not keep those waiting who asked when it is closed', async () => {
    const asked = lookInto(directory);
    const closed = sleep(0).then(() => thread.close());
    await expect(asked).rejects.toBeInstanceOf(KernelRequestRefused);
    await closed;
  });
});
