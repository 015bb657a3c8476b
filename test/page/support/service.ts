import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Sample } from '../../../src/domain/history/sample.ts';
import type { Scope } from '../../../src/domain/token.ts';
import { openSamples } from '../../../src/journal/samples/sqlite-samples.ts';
import { generateDemoTree } from '../../../src/kernel/demo-tree.ts';

const MAIN = join(import.meta.dirname, '..', '..', '..', 'dist', 'main.js');
const START_MILLISECONDS = 30_000;
const SYSCTL = 'proc/sys/net/netfilter/nf_conntrack_';

/** The built service in a new process, on a simulated kernel tree, with a new journal, on a free loopback port. */
export interface Service {
  readonly url: string;
  /** With every scope. */
  readonly token: string;
  /** Changes a value in the simulated kernel tree. */
  setKernel(name: string, value: number): Promise<void>;
  /** Sends a request as another client. @throws Error for an error response */
  send<T>(method: string, path: string, body?: object): Promise<T>;
  /** Secret of a new token. */
  tokenWith(...scopes: readonly Scope[]): Promise<string>;
  stop(): Promise<void>;
}

/**
 * @param past samples of an earlier run of the service
 * @param kernel values of the simulated kernel tree that differ from the defaults
 */
export async function startService(
  past: readonly Sample[] = [],
  kernel: Readonly<Record<string, number>> = {},
  flags: readonly string[] = [],
): Promise<Service> {
  const directory = await mkdtemp(join(tmpdir(), 'conntrack-api-page-'));
  const root = join(directory, 'root');
  const dataDir = join(directory, 'data');
  await generateDemoTree(root);
  const setKernel = (name: string, value: number): Promise<void> => writeFile(join(root, `${SYSCTL}${name}`), `${String(value)}\n`);
  for (const [name, value] of Object.entries(kernel)) await setKernel(name, value);
  await mkdir(dataDir, { mode: 0o700 });
  const args = [
    MAIN,
    'serve',
    '--root',
    root,
    '--data-dir',
    dataDir,
    '--port',
    '0',
    '--log-level',
    'error',
    '--sample-seconds',
    '1',
    ...flags,
  ];
  if (past.length > 0) record(dataDir, past);
  const child = spawn(process.execPath, args, { env: withoutServiceVariables(process.env), stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
    await rm(directory, { recursive: true, force: true });
  };
  const started = await greeting(child);
  if (!started) {
    await stop();
    throw new Error(`Expected the service to print its URL and a token: node ${args.join(' ')}`);
  }
  const send = <T>(method: string, path: string, body?: object): Promise<T> => sendRequest(started, method, path, body);
  return {
    ...started,
    setKernel,
    send,
    tokenWith: async (...scopes) => (await send<{ token: string }>('POST', '/tokens', { name: 'little', scopes })).token,
    stop,
  };
}

type Greeting = Pick<Service, 'url' | 'token'>;

/** `undefined` when the process exits or prints no greeting in time. */
async function greeting(child: ChildProcess): Promise<Greeting | undefined> {
  if (!child.stdout) return undefined;
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MILLISECONDS);
  let url: string | undefined;
  try {
    for await (const line of createInterface(child.stdout)) {
      url ??= /^ {2}API +(http\S+)\/api\/v1$/.exec(line)?.[1];
      const token = /^ {2}admin token +(\S+)$/.exec(line)?.[1];
      if (url !== undefined && token !== undefined) return { url, token };
    }
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

async function sendRequest<T>({ url, token }: Greeting, method: string, path: string, body: object | undefined): Promise<T> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/v1${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${await response.text()}`);
  return (await response.json()) as T;
}

function record(dataDir: string, past: readonly Sample[]): void {
  const samples = openSamples(dataDir, 10, (message) => {
    throw new Error(message);
  });
  for (const sample of past) samples.add(sample);
  samples.close();
}

function withoutServiceVariables(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('CONNTRACK_API_')));
}
