import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The port is free, because the network namespace is new. */
export const PORT = 8477;
/** A start takes half a second, but much longer on a busy host. */
const TIMEOUT_MILLISECONDS = 180_000;

export const THREADS = ['main', 'pool'] as const;
export type Thread = (typeof THREADS)[number];

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The built service as a process with two threads that access files: the main thread for SQLite, and one libuv thread for the rest. */
export class Service {
  readonly pid: number;
  readonly ended: Promise<End>;
  private readonly child: ChildProcessWithoutNullStreams;
  private printed = '';
  /** When it was first seen to listen, in milliseconds since the epoch. */
  servingSince = 0;

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    this.pid = child.pid ?? 0;
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (this.printed += chunk.toString()));
    child.stdin.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        resolve({ code, signal });
      });
    });
  }

  /** Starts the service without waiting. @param forward seconds that its boot clock is ahead of the host's */
  static launch(product: string, dataDir: string, forward = 0): Service {
    return Service.spawn(product, dataDir, [], forward === 0 ? [] : ['unshare', '--time', '--boottime', String(forward), '--']);
  }

  /** Starts the service as in production: with random names of temporary files and the usual number of threads. */
  static launchPlain(product: string, dataDir: string, flags: readonly string[], wrapper: readonly string[] = []): Service {
    return Service.execute(product, [...wrapper, process.execPath, ...serveCommand(dataDir), ...flags], {});
  }

  /** Starts the process but holds it before the first line of the product: see `release`. */
  static async launchHeld(product: string, dataDir: string): Promise<Service> {
    const service = Service.spawn(product, dataDir, ['--import', join(import.meta.dirname, 'hold.ts')]);
    await service.untilPrinted('held\n');
    return service;
  }

  /** @param wrapper a program, with its arguments, that executes the service */
  private static spawn(product: string, dataDir: string, nodeOptions: readonly string[], wrapper: readonly string[] = []): Service {
    const names = ['--import', join(import.meta.dirname, 'fixed-names.ts')];
    const command = [...wrapper, process.execPath, ...names, ...nodeOptions, ...serveCommand(dataDir)];
    return Service.execute(product, command, { UV_THREADPOOL_SIZE: '1' });
  }

  private static execute(product: string, [program = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): Service {
    return new Service(
      spawn(program, args, { cwd: product, env: { PATH: process.env['PATH'], CONNTRACK_API_SOCKET: 'none', ...env }, stdio: 'pipe' }),
    );
  }

  release(): void {
    this.child.stdin.write('\n');
  }

  /** @throws Error with its output if it ends or is not ready in time */
  async untilReady(): Promise<void> {
    await this.untilServing();
    const deadline = Date.now() + TIMEOUT_MILLISECONDS;
    for (;;) {
      const { status, text } = await this.request('GET', '/readyz');
      if (status === 200) return;
      if (Date.now() > deadline) throw new Error(`The service does not become ready: ${text}`);
      await sleep(50);
    }
  }

  /** Waits until it listens, even if it is not ready. */
  async untilServing(): Promise<void> {
    await this.untilPrinted('/api/v1\n');
    this.servingSince ||= Date.now();
  }

  /** Rejects if the connection breaks or no response arrives in time. */
  request(method: string, path: string, token = '', body?: unknown): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const content = body === undefined ? '' : JSON.stringify(body);
      // Node does not send the length of the body of a DELETE unless it is told to.
      const ofContent = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) };
      const headers = { authorization: `Bearer ${token}`, ...(body === undefined ? {} : ofContent) };
      const sent = httpRequest({ port: PORT, host: '127.0.0.1', method, path, headers, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('error', reject);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text });
        });
      });
      const tooLate = setTimeout(() => {
        sent.destroy(new Error(`no response within ${TIMEOUT_MILLISECONDS} ms`));
      }, TIMEOUT_MILLISECONDS);
      sent.on('error', reject).on('close', () => {
        clearTimeout(tooLate);
      });
      sent.end(content);
    });
  }

  threadId(thread: Thread): number {
    if (thread === 'main') return this.pid;
    const tasks = `/proc/${this.pid}/task`;
    const found = readdirSync(tasks).find((tid) => readFileSync(join(tasks, tid, 'comm'), 'utf8') === 'libuv-worker\n');
    if (found === undefined) throw new Error('The service has no libuv thread.');
    return Number(found);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** The end of its output so far, to be shown with a finding. */
  output(): string {
    return this.printed.slice(-2_000);
  }

  /** @throws Error with its output if it ends or does not print `text` in time */
  async untilPrinted(text: string): Promise<void> {
    let end: End | undefined;
    void this.ended.then((seen) => (end = seen));
    const deadline = Date.now() + TIMEOUT_MILLISECONDS;
    while (!this.printed.includes(text)) {
      if (end) throw new Error(`The service ended with ${String(end.signal ?? end.code)}:\n${this.output()}`);
      if (Date.now() > deadline) throw new Error(`The service does not start:\n${this.output()}`);
      await sleep(5);
    }
  }
}

function serveCommand(dataDir: string): readonly string[] {
  return ['dist/main.js', 'serve', '--port', String(PORT), '--data-dir', dataDir, '--no-first-token', '--rate-limit', '0'];
}
