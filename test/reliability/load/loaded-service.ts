import { Agent, request } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpawnedService } from '../../e2e/spawned-service.ts';

const SETTINGS = '/api/v1/settings';
/** The service accepts 512 in total. */
const READING_CONNECTIONS = 4;
const DIRECTORY = 'proc/sys/net/netfilter';

interface Reply {
  readonly status: number;
  readonly text: string;
}

/** The built service as its own process with default limits, over a recorded kernel tree, and a client that changes settings. */
export class LoadedService {
  readonly port: number;
  private readonly spawned: SpawnedService;
  private readonly admin: string;
  private readonly changing = new Agent({ keepAlive: true });
  private readonly reading = new Agent({ keepAlive: true, maxSockets: READING_CONNECTIONS });
  private next = 40;

  private constructor(spawned: SpawnedService, port: number, admin: string) {
    this.spawned = spawned;
    this.port = port;
    this.admin = admin;
  }

  static async start(): Promise<LoadedService> {
    const spawned = await SpawnedService.prepare();
    spawned.start('--log-level', 'error');
    const port = Number(await spawned.untilSaid(/API +http:\/\/[^:]+:(\d+)/));
    return new LoadedService(spawned, port, await spawned.untilSaid(/admin token +(\S+)/));
  }

  /** A new token with the scope `table:read`. */
  async readingToken(): Promise<string> {
    const { status, text } = await this.ask(this.changing, 'POST', '/api/v1/tokens', this.admin, {
      name: 'reader',
      scopes: ['table:read'],
    });
    if (status !== 201) throw new Error(`No token was created: ${text}`);
    return (JSON.parse(text) as { readonly token: string }).token;
  }

  /** @returns the milliseconds that it took */
  async change(): Promise<number> {
    this.next = this.next === 40 ? 41 : 40;
    const startedAt = performance.now();
    await this.patch({ settings: { udp_timeout: this.next } });
    return performance.now() - startedAt;
  }

  /** Makes a change, does not confirm it, and waits for its revert. @returns the seconds from its deadline to the revert */
  async secondsLate(name: string, confirmWithinSeconds: number): Promise<number> {
    const before = this.live(name);
    await this.patch({ settings: { [name]: before + 1 }, confirmWithinSeconds });
    const deadline = performance.now() + confirmWithinSeconds * 1_000;
    while (this.live(name) !== before) await sleep(10);
    return (performance.now() - deadline) / 1_000;
  }

  /** Resident memory. */
  megabytes(): number {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${String(this.spawned.pid)}/status`, 'utf8'))?.[1];
    return Math.round(Number(kilobytes) / 1_024);
  }

  read(path: string, token: string): Promise<Reply> {
    return this.ask(this.reading, 'GET', path, token);
  }

  private ask(agent: Agent, method: string, path: string, token: string, body?: object): Promise<Reply> {
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
    return new Promise((resolve, reject) => {
      request({ port: this.port, method, path, headers, agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text });
        });
      })
        .on('error', reject)
        .end(body && JSON.stringify(body));
    });
  }

  async stop(): Promise<void> {
    this.changing.destroy();
    this.reading.destroy();
    await this.spawned.remove();
  }

  private async patch(body: object): Promise<void> {
    const { status, text } = await this.ask(this.changing, 'PATCH', SETTINGS, this.admin, body);
    if (status !== 200) throw new Error(`A change was refused: ${text}`);
  }

  private live(name: string): number {
    return Number(readFileSync(join(this.spawned.root, DIRECTORY, `nf_conntrack_${name}`), 'utf8'));
  }
}
