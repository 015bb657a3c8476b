import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = resolve('dist/main.js');
const START_MILLISECONDS = 60_000;
const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CONNTRACK_API_'))),
  CONNTRACK_API_SOCKET: 'none',
};

/** Runs a program until it exits. @throws Error with its output if it fails or is not installed */
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

/** A background program; it is killed when this process ends. */
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

  /** Polls until `look` returns a value. @throws Error with the output if the program exits first, or after 60 s */
  async until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
    const deadline = performance.now() + START_MILLISECONDS;
    while (performance.now() < deadline) {
      const found = await look();
      if (found !== undefined) return found;
      if (this.child.exitCode !== null)
        throw new Error(`The program exited with code ${String(this.child.exitCode)} while waiting for ${what}:\n${this.printed}`);
      await sleep(250);
    }
    throw new Error(`Expected within ${String(START_MILLISECONDS / 1_000)} s: ${what}.\n${this.printed.slice(-2_000)}`);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const timeout = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(timeout);
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
    const url = await running.until('the startup banner', () => /^ *API +(\S+)\/api\/v1$/m.exec(running.printed)?.[1]);
    return new Service(running, url, admin);
  }

  /** Root of the generated kernel tree in demo mode. */
  get root(): string {
    return /SIMULATED kernel tree \((.+)\)/.exec(this.running.printed)?.[1] ?? '';
  }

  /** @param token default: the admin token */
  async request(
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
