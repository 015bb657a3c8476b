import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = resolve('dist/main.js');
const START_MILLISECONDS = 60_000;
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CONNTRACK_API_')));

/** Runs a program to its end. @throws Error with all it said where it fails or is not there */
export function run(program: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { env: environment, timeout: 60_000 }, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        reject(new Error(`${program} is not installed: apt-get install --no-install-recommends prometheus.`));
      else reject(new Error(`${program} ${args.join(' ')}:\n${stdout}${stderr}`));
    });
    child.stdin?.on('error', () => undefined).end(input);
  });
}

/** A program that goes on running; it ends with this process. */
export class Running {
  private readonly child: ChildProcess;
  printed = '';

  constructor(program: string, ...args: readonly string[]) {
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, ...args], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const read = (chunk: Buffer): void => {
      this.printed = (this.printed + chunk.toString()).slice(-100_000);
    };
    this.child.stdout?.on('data', read);
    this.child.stderr?.on('data', read);
  }

  /** Looks again and again. @throws Error with what it printed when it ends before, or takes too long */
  async until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
    const deadline = performance.now() + START_MILLISECONDS;
    while (performance.now() < deadline) {
      const found = await look();
      if (found !== undefined) return found;
      if (this.child.exitCode !== null) throw new Error(`It ended with code ${String(this.child.exitCode)}:\n${this.printed}`);
      await sleep(250);
    }
    throw new Error(`Waited ${String(START_MILLISECONDS / 1_000)} s in vain for this: ${what}.\n${this.printed.slice(-2_000)}`);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const patience = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(patience);
  }
}

/** The built service. */
export class Service {
  readonly url: string;
  readonly running: Running;
  private readonly admin: string;

  private constructor(running: Running, url: string, admin: string) {
    this.running = running;
    this.url = url;
    this.admin = admin;
  }

  /** @param mode `demo`: over a generated kernel tree; `serve`: on this machine's kernel */
  static async start(mode: 'demo' | 'serve', dataDir: string): Promise<Service> {
    const admin = await createToken(dataDir, 'admin', 'all');
    const running = new Running(
      process.execPath,
      MAIN,
      mode,
      '--port',
      '0',
      '--data-dir',
      dataDir,
      '--no-first-token',
      '--log-level',
      'warn',
    );
    const url = await running.until('its greeting', () => /^ *API +(\S+)\/api\/v1$/m.exec(running.printed)?.[1]);
    return new Service(running, url, admin);
  }

  /** Of the demonstration. */
  get root(): string {
    return /SIMULATED kernel tree \((.+)\)/.exec(this.running.printed)?.[1] ?? '';
  }

  /** @param token absent: the administrator's */
  async ask(
    path: string,
    { method = 'GET', body, token = this.admin }: { method?: string; body?: object; token?: string } = {},
  ): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  }
}

export async function createToken(dataDir: string, name: string, scope: string): Promise<string> {
  const args = [MAIN, 'token', 'create', '--name', name, '--scope', scope, '--json', '--data-dir', dataDir];
  return (JSON.parse(await run(process.execPath, args)) as { readonly token: string }).token;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
