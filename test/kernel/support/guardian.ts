/**
 * Restores the host when the test runner has ended, for whatever reason: it waits for the end of its standard input, which closes even after
 * SIGKILL of the runner. It runs in its own session, so that Ctrl-C does not reach it.
 *
 * Arguments: the run's scratch directory, whose base name is also the prefix of the run's network namespaces.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { restoreHost, type HostRecord } from './host-record.ts';
import { run } from './run.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const [scratch] = process.argv.slice(2);
if (!scratch) throw new Error('guardian.ts: expected the scratch directory as its argument.');
const record = JSON.parse(await readFile(join(scratch, 'host.json'), 'utf8')) as HostRecord;

await new Promise((resolve) => process.stdin.on('close', resolve).resume());
await killLeftovers(scratch);
await removeNamespaces(`${basename(scratch)}-`);

// A service that is killed during a resize ends only after the resize, so the host is restored twice.
await restoreHost(record);
await sleep(1_000);
const left = await restoreHost(record);
await rm(scratch, { recursive: true, force: true });
if (left.length > 0) {
  process.stderr.write(`The kernel tests left changed: ${left.join(', ')}. Restore these manually.\n`);
  process.exitCode = 1;
}

/** Every process of this run has its scratch directory in its arguments or its environment. */
async function killLeftovers(mark: string): Promise<void> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  for (const pid of pids) {
    const texts = ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => ''));
    if ((await Promise.all(texts)).some((text) => text.includes(mark))) kill(pid);
  }
}

async function removeNamespaces(prefix: string): Promise<void> {
  const listed = (await run('ip', ['netns', 'list'])).split('\n').map((line) => line.split(' ', 1)[0] ?? '');
  for (const name of listed.filter((candidate) => candidate.startsWith(prefix))) {
    for (const pid of (await run('ip', ['netns', 'pids', name])).split('\n').map(Number)) if (pid > 0) kill(pid);
    await run('ip', ['netns', 'delete', name]);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
