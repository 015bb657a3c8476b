import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Podman } from './podman.ts';

export const IMAGE = 'localhost/conntrack-api';
const READY_MILLISECONDS = 60_000;
const RETRY_MILLISECONDS = 200;

export interface HttpResponse {
  readonly status: number;
  readonly body: string;
}

/** Runs in the container, because a container with its own network cannot be reached from outside. */
const FETCH = `
const [url, method, authorization, body] = process.argv.slice(1);
const headers = { ...(authorization && { authorization }), ...(body && { 'content-type': 'application/json' }) };
fetch(url, { method, headers, ...(body && { body }) })
  .then(async (response) => console.log(JSON.stringify({ status: response.status, body: await response.text() })));`;

/** A running container of the service. */
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

  /** @param args arguments of `podman run` without the image and the port */
  static async run(podman: Podman, name: string, args: readonly string[]): Promise<Instance> {
    const instance = new Instance(podman, name, await freePort());
    await podman.run('run', '--detach', '--name', name, '--env', `CONNTRACK_API_PORT=${instance.port}`, ...args, IMAGE);
    return instance.untilReady();
  }

  /** @param pod writes the manifest for a port and returns its path */
  static async play(podman: Podman, name: string, pod: (port: number) => Promise<string>): Promise<Instance> {
    const port = await freePort();
    await podman.run('play', 'kube', await pod(port));
    return new Instance(podman, name, port).untilReady();
  }

  /** Creates a token with the command line and uses it for requests. The command prints only the token to standard output. */
  async firstToken(): Promise<this> {
    const token = await this.exec('node', 'dist/main.js', 'token', 'create', '--name', 'container-test', '--scope', 'all');
    this.authorization = `Bearer ${token.trim()}`;
    return this;
  }

  /** Uses the token of another instance with the same data. */
  withTokenOf(other: Instance): this {
    this.authorization = other.authorization;
    return this;
  }

  exec(...command: readonly string[]): Promise<string> {
    return this.podman.run('exec', this.name, ...command);
  }

  async request(method: string, path: string, body?: object): Promise<HttpResponse> {
    const args = [`http://127.0.0.1:${this.port}${path}`, method, this.authorization, body ? JSON.stringify(body) : ''];
    return JSON.parse(await this.exec('node', '-e', FETCH, ...args)) as HttpResponse;
  }

  /** @throws Error if the status is not 200 */
  async json<T>(method: string, path: string, body?: object): Promise<T> {
    const { status, body: text } = await this.request(method, path, body);
    if (status !== 200) throw new Error(`${method} ${path} ${JSON.stringify(body)}: ${status} ${text}`);
    return JSON.parse(text) as T;
  }

  /** Sends a request from the host's loopback, without a token. */
  async probe(path: string): Promise<HttpResponse> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`);
    return { status: response.status, body: await response.text() };
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
    let last = '';
    while (Date.now() < deadline) {
      const response = await this.request('GET', '/readyz').catch((error: unknown) => ({ status: 0, body: String(error) }));
      if (response.status === 200) return this;
      last = response.body;
      await sleep(RETRY_MILLISECONDS);
    }
    throw new Error(
      `Expected ${this.name} to become ready within ${READY_MILLISECONDS / 1_000} s, found: ${last}\n${await this.podman.run('logs', this.name)}`,
    );
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
