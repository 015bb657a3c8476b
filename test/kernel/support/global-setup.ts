import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { recordHost } from './host-record.ts';
import { run } from './run.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A directory of this run; its base name is the prefix of the run's network namespaces. */
    readonly scratch: string;
  }
}

const TOOLS = ['ip', 'nft', 'conntrack', 'curl', 'ping', 'unshare', 'setpriv'];

/** Fails, rather than skips, if the tests could prove nothing. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await requireRealKernel((await succeeds(access('dist/main.js'))) ? [] : ['the built service (npm run build)']);
  return guardHost(project);
}

/** Starts the guardian, which restores the host. Returns the teardown, which fails if the host stays changed. */
export async function guardHost(project: TestProject): Promise<() => Promise<void>> {
  const record = await recordHost();
  const scratch = await mkdtemp(join(tmpdir(), 'ct-test-'));
  await writeFile(join(scratch, 'host.json'), JSON.stringify(record));
  const guardian = spawn(process.execPath, [join(import.meta.dirname, 'guardian.ts'), scratch], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  project.provide('scratch', scratch);
  return async () => {
    const ended = once(guardian, 'exit');
    guardian.stdin.end();
    const [code] = (await ended) as [number | null];
    if (code !== 0) throw new Error('The kernel tests left the host changed: see the message above.');
  };
}

/** @param others other missing requirements. @throws Error that lists everything that is missing */
export async function requireRealKernel(others: readonly string[] = []): Promise<void> {
  const missing: string[] = [];
  if (process.getuid?.() !== 0) missing.push('root');
  for (const tool of TOOLS) if (!(await succeeds(run('sh', ['-c', `command -v ${tool}`])))) missing.push(`the program "${tool}"`);
  // This alias exists only in the initial network namespace, the only one where max and buckets can be written.
  if (!(await succeeds(access('/proc/sys/net/nf_conntrack_max', constants.W_OK)))) {
    missing.push('conntrack, loaded (modprobe nf_conntrack) and writable, in the initial network namespace');
  }
  missing.push(...others);
  if (missing.length > 0) throw new Error(`The kernel tests need ${missing.join('; ')}.`);
}

function succeeds(attempt: Promise<unknown>): Promise<boolean> {
  return attempt.then(
    () => true,
    () => false,
  );
}
