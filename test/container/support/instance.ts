import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Podman } from './podman.ts';

export const IMAGE = 'localhost/conntrack-api';
const READY_MILLISECONDS = 60_000;
const RETRY_MILLISECONDS = 200;

export interface Answered {
  readonly status: number;
  readonly body: string;
}

/** Run in the container: what cannot be reached from outside has a network of its own. */
const FETCH = `
const [url, method, authorization, body] = process.argv.slice(1);
const headers = { ...(authorization && { authorization }), ...(body && { 'content-type': 'application/json' }) };
fetch(url, { method, headers, ...(body && { body }) })
  .then(async (answer) => console.log(JSON.stringify({ status: answer.status, body: await answer.text() })));`;

/** A running container of the service, asked as its user asks it. */
export class Instance {
  readonly name: string;
  private readonly podman: Podman;
  private readonly port: number;
  private authorization = '';

  private constructor(podman: Podman, name: string, port: number) {
    this.podman = podman;
    this.name = name;
    this.port = port;
  }

  /** @param args of `podman run`, without the image and the port */
  static async run(podman: Podman, name: string, args: readonly string[]): Promise<Instance> {
    const instance = new Instance(podman, name, await freePort());
    await podman.run('run', '--detach', '--name', name, '--env', `CONNTRACK_API_PORT=${instance.port}`, ...args, IMAGE);
    return instance.untilReady();
  }

  /** @param pod for a port, its manifest */
  static async play(podman: Podman, name: string, pod: (port: number) => Promise<string>): Promise<Instance> {
    const port = await freePort();
    await podman.run('play', 'kube', await pod(port));
    return new Instance(podman, name, port).untilReady();
  }

  /** With a first token, as the command line makes it: only the token goes to standard output. */
  async firstToken(): Promise<this> {
    const token = await this.exec('node', 'dist/main.js', 'token', 'create', '--name', 'walk', '--scope', 'all');
    this.authorization = `Bearer ${token.trim()}`;
    return this;
  }

  /** As another one of the same data is asked. */
  withTokenOf(other: Instance): this {
    this.authorization = other.authorization;
    return this;
  }

  exec(...command: readonly string[]): Promise<string> {
    return this.podman.run('exec', this.name, ...command);
  }

  async request(method: string, path: string, body?: object): Promise<Answered> {
    const args = [`http://127.0.0.1:${this.port}${path}`, method, this.authorization, body ? JSON.stringify(body) : ''];
    return JSON.parse(await this.exec('node', '-e', FETCH, ...args)) as Answered;
  }

  /** @throws Error unless it is answered with 200 */
  async json<T>(method: string, path: string, body?: object): Promise<T> {
    const { status, body: text } = await this.request(method, path, body);
    if (status !== 200) throw new Error(`${method} ${path} ${JSON.stringify(body)}: ${status} ${text}`);
    return JSON.parse(text) as T;
  }

  /** From outside, without a token, on the loopback of the host. */
  async probe(path: string): Promise<Answered> {
    const answer = await fetch(`http://127.0.0.1:${this.port}${path}`);
    return { status: answer.status, body: await answer.text() };
  }

  async restart(): Promise<void> {
    await this.podman.run('stop', this.name);
    await this.podman.run('start', this.name);
    await this.untilReady();
  }

  async remove(...args: readonly string[]): Promise<void> {
    await this.podman.run('stop', this.name);
    await this.podman.run('rm', ...args, this.name);
  }

  private async untilReady(): Promise<this> {
    const deadline = Date.now() + READY_MILLISECONDS;
    let seen = '';
    while (Date.now() < deadline) {
      const answer = await this.request('GET', '/readyz').catch((error: unknown) => ({ status: 0, body: String(error) }));
      if (answer.status === 200) return this;
      seen = answer.body;
      await sleep(RETRY_MILLISECONDS);
    }
    throw new Error(`${this.name} does not become ready: ${seen}\n${await this.podman.run('logs', this.name)}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
