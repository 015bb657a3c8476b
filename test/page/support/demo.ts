import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = join(import.meta.dirname, '..', '..', '..', 'dist', 'main.js');
const START_MILLISECONDS = 30_000;

/** The built service as its own process, over a generated kernel tree, with a journal of its own. */
export interface Demo {
  readonly url: string;
  /** With every scope. */
  readonly token: string;
  /** Where its journal and tokens are. */
  readonly dataDir: string;
  stop(): Promise<void>;
}

export async function startDemo(...flags: readonly string[]): Promise<Demo> {
  const dataDir = await mkdtemp(join(tmpdir(), 'conntrack-api-page-'));
  const args = [MAIN, 'demo', '--port', '0', '--data-dir', dataDir, '--log-level', 'warn', ...flags];
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CONNTRACK_API_')));
  const child = spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) child.kill('SIGTERM');
    await ended;
    await rm(dataDir, { recursive: true, force: true });
  };
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MILLISECONDS);
  let url: string | undefined;
  for await (const line of createInterface(child.stdout)) {
    url ??= /^ {2}API +(http\S+)\/api\/v1$/.exec(line)?.[1];
    const token = /^ {2}admin token +(\S+)$/.exec(line)?.[1];
    if (url === undefined || token === undefined) continue;
    clearTimeout(timer);
    child.stdout.resume();
    return { url, token, dataDir, stop };
  }
  clearTimeout(timer);
  await stop();
  throw new Error(`The service ended before it said where it listens and with which token: node ${args.join(' ')}`);
}
