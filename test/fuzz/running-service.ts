import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { run } from '../kernel/support/run.ts';
import { furnish } from '../reliability/support/enclosure.ts';
import { copyKernelTree } from '../support/kernel-tree.ts';
import type { FuzzedRequest } from './requests.ts';

/** Replies to any message on the channel of `spawn`. Worker threads load this too, but have no channel. */
const TELL_LIVE_HEAP = `data:text/javascript,
  process.channel && process.on('message', () => { gc(); process.send(process.memoryUsage().heapUsed); });
  process.channel?.unref();`;
const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'main.js');

export interface FuzzedAnswer {
  readonly status: number;
  readonly mediaType: string;
  /** Parsed if it is JSON. */
  readonly body: unknown;
}

/** In MiB. */
export interface Memory {
  readonly resident: number;
  /** Live heap after garbage collection. */
  readonly live: number;
}

/** The kernel tree or the kernel that the service reads. */
interface Host {
  readonly options: readonly string[];
  readonly dataDir: string;
  readonly remove: () => Promise<void>;
}

/** The built service as a separate process. */
export interface RunningService {
  readonly ask: (request: FuzzedRequest) => Promise<FuzzedAnswer>;
  readonly memory: () => Promise<Memory>;
  readonly stop: () => Promise<void>;
}

/** A copy of a recorded kernel tree. Needs no privileges. */
async function recordedHost(): Promise<Host> {
  const tree = await copyKernelTree('nf_conntrack');
  const dataDir = await mkdtemp(join(tmpdir(), 'conntrack-api-fuzz-'));
  const remove = async (): Promise<void> => {
    await tree.remove();
    await rm(dataDir, { recursive: true });
  };
  return { options: ['--root', tree.root], dataDir, remove };
}

/** The real kernel, in the namespaces that this process was started in. They and their mounts disappear with it. */
async function enclosedHost(): Promise<Host> {
  const scratch = await mkdtemp(join(tmpdir(), 'conntrack-api-fuzz-'));
  const directory = await furnish(join(scratch, 'product'));
  // The requests themselves create entries.
  const rules = 'add table inet fuzz; add chain inet fuzz in { type filter hook input priority 0; }; add rule inet fuzz in ct state new';
  await run('nft', [rules]);
  const remove = async (): Promise<void> => {
    await run('umount', ['--lazy', directory]);
    await rm(scratch, { recursive: true });
  };
  return { options: ['--namespaces', '--no-socket'], dataDir: join(directory, 'data'), remove };
}

export async function startService(isEnclosed: boolean): Promise<RunningService> {
  const { options: over, dataDir, remove } = await (isEnclosed ? enclosedHost() : recordedHost());
  // With a rate limit, most requests would get 429 before anything else is checked.
  const options = [...over, '--data-dir', dataDir, '--port', '0', '--rate-limit', '0', '--log-level', 'silent'];
  const args = ['--expose-gc', '--import', TELL_LIVE_HEAP, MAIN, 'serve', ...options];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  if (!child.stdout) throw new Error('no output to read');
  const ended = once(child, 'exit');
  let port: number | undefined;
  let token: string | undefined;
  for await (const line of createInterface(child.stdout)) {
    port ??= Number(/^ {2}API +http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1]) || undefined;
    token = /^ {2}admin token +(\S+)$/.exec(line)?.[1];
    if (token !== undefined) break;
  }
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  return {
    ask: (asked) => send(agent, port ?? 0, token ?? '', asked),
    memory: async () => {
      const status = await readFile(`/proc/${String(child.pid)}/status`, 'utf8');
      const told = once(child, 'message');
      child.send('tell');
      const [heapBytes] = (await told) as [number];
      return { resident: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024, live: heapBytes / 1_048_576 };
    },
    stop: async () => {
      agent.destroy();
      child.kill('SIGTERM');
      await ended;
      await remove();
    },
  };
}

function send(agent: Agent, port: number, token: string, { method, path, headers, body }: FuzzedRequest): Promise<FuzzedAnswer> {
  return new Promise((resolve, reject) => {
    const all = { authorization: `Bearer ${token}`, ...headers };
    let isAnswered = false;
    const sent = request({ agent, port, host: '127.0.0.1', method, path, headers: all }, (response) => {
      isAnswered = true;
      const chunks: Buffer[] = [];
      const answer = (): void => {
        resolve(toAnswer(response.statusCode ?? 0, response.headers, Buffer.concat(chunks)));
      };
      response.once('error', reject);
      response.once('end', answer);
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (response.headers['content-type'] !== 'text/event-stream') return;
        // The stream does not end: its first part is enough.
        answer();
        sent.destroy();
      });
    });
    // The service may respond and close before it has received a body over its limit.
    sent.once('error', (error) => {
      if (!isAnswered) reject(error);
    });
    sent.end(body);
  });
}

function toAnswer(status: number, headers: IncomingHttpHeaders, bytes: Buffer): FuzzedAnswer {
  const mediaType = (headers['content-type'] ?? '').split(';')[0] ?? '';
  const text = decoded(bytes, headers['content-encoding']).toString('utf8');
  const isJson = text !== '' && /^application\/(problem\+)?json$/.test(mediaType);
  return { status, mediaType, body: isJson ? JSON.parse(text) : text };
}

function decoded(bytes: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'gzip') return gunzipSync(bytes);
  return encoding === 'zstd' ? zstdDecompressSync(bytes) : bytes;
}
