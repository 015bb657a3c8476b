import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PROGRAM = join(import.meta.dirname, 'receiver.py');
const DOCS = join(import.meta.dirname, '../../../docs/webhooks.md');
/** A start takes half a second, but much longer on a busy host. */
const START_MILLISECONDS = 60_000;

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function killed(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** The program in Python, on the same port after each start. */
export class Receiver {
  readonly url: string;
  private readonly port: number;
  private readonly log: string;
  private child: ChildProcess | undefined;

  constructor(port: number, log: string) {
    this.port = port;
    this.log = log;
    this.url = `http://127.0.0.1:${String(port)}/events`;
  }

  start(secret: string): void {
    this.child = spawn('python3', [PROGRAM, String(this.port), secret, this.log, DOCS], { stdio: ['ignore', 'ignore', 'inherit'] });
  }

  kill(): Promise<void> {
    return killed(this.child);
  }
}

/** The built service over a recorded kernel tree. */
export class Sender {
  private readonly command: readonly string[];
  private readonly api: string;
  private readonly token: string;
  private child: ChildProcess | undefined;

  constructor(main: string, root: string, dataDir: string, port: number) {
    const created = execFileSync(
      process.execPath,
      [main, 'token', 'create', '--name', 'changes', '--scope', 'all', '--data-dir', dataDir],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    this.token = created.toString().trim();
    const place = ['--root', root, '--data-dir', dataDir, '--port', String(port), '--socket', 'none'];
    this.command = [main, 'serve', ...place, '--no-first-token', '--rate-limit', '0', '--webhooks-allow-local', '--log-level', 'error'];
    this.api = `http://127.0.0.1:${String(port)}/api/v1`;
  }

  async start(): Promise<void> {
    this.child = spawn(process.execPath, this.command, { env: { PATH: process.env['PATH'] }, stdio: ['ignore', 'ignore', 'inherit'] });
    const deadline = Date.now() + START_MILLISECONDS;
    for (;;) {
      try {
        await this.request('GET', '/whoami');
        return;
      } catch (error) {
        if (Date.now() > deadline || this.child.exitCode !== null) throw error;
        await sleep(20);
      }
    }
  }

  kill(): Promise<void> {
    return killed(this.child);
  }

  /** @throws Error for any status but 200 and 201 */
  async request(method: string, path: string, body?: object): Promise<Readonly<Record<string, unknown>>> {
    const headers = { authorization: `Bearer ${this.token}`, ...(body && { 'content-type': 'application/json' }) };
    const response = await fetch(this.api + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const document = (await response.json()) as Readonly<Record<string, unknown>>;
    if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${JSON.stringify(document)}`);
    return document;
  }
}
