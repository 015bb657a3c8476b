import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../test/kernel/support/run.ts';
import { cpuSecondsOf } from './clocks.ts';
import { costOfCommand, type Command, type Cost } from './cost.ts';

/** Where a command runs: in a network namespace, or on the host itself. */
export interface Place {
  command(...command: Command): Command;
}
export const ON_THE_HOST: Place = { command: (...command) => command };

const MAIN = resolve('dist/main.js');
/** Work that a request causes after its response counts too. */
const SETTLE_MILLISECONDS = 150;
/** URL in the startup banner, which is printed once the service listens. */
const BANNER_URL = /^ *API +(\S+)\/api\/v1$/m;
/** Resets the peak resident size (proc(5), clear_refs). */
const RESET_PEAK = '5';

const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CONNTRACK_API_'))),
  CONNTRACK_API_SOCKET: 'none',
};

export interface StartOptions {
  readonly prepare?: (dataDir: string) => void;
  readonly flags?: readonly string[];
  /** The program of another build. */
  readonly main?: string;
}

/** The built service in a namespace, with its own data directory and token. It is killed when this process ends. */
export class Service {
  readonly url: string;
  readonly token: string;
  private readonly process: ChildProcess;
  private readonly place: Place;
  private readonly curlConfig: string;

  private constructor(child: ChildProcess, place: Place, url: string, token: string, curlConfig: string) {
    this.process = child;
    this.place = place;
    this.url = url;
    this.token = token;
    this.curlConfig = curlConfig;
  }

  /**
   * Resolves once the service is ready.
   *
   * @param options `prepare` fills the data directory, which contains only a token; `flags` are passed to `serve`; `main` is another build
   * @throws Error with the output if the service exits first
   */
  static async start(place: Place, scratch: string, { prepare, flags = [], main = MAIN }: StartOptions = {}): Promise<Service> {
    const directory = await mkdtemp(join(scratch, 'data-'));
    const { token, curlConfig } = await createToken(main, directory);
    prepare?.(directory);
    const serve = [main, 'serve', '--port', '0', '--data-dir', directory, '--no-first-token', '--rate-limit', '0', ...flags];
    const command = ['--pdeathsig', 'KILL', '--', ...place.command(process.execPath, ...serve)];
    const child = spawn('setpriv', command, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const service = new Service(child, place, await urlFromBanner(child), token, curlConfig);
    await costOfCommand(service.curl('/readyz', '--fail'));
    return service;
  }

  /** The same service for a client with its own token, and so with its own share of the dumps that run at once. */
  async forAnotherClient(): Promise<Service> {
    const { token, curlConfig } = await createToken(MAIN, dirname(this.curlConfig));
    return new Service(this.process, this.place, this.url, token, curlConfig);
  }

  /** @param path path of the URL, with its query */
  curl(path: string, ...options: readonly string[]): Command {
    const standard = ['--config', this.curlConfig, '--silent', '--show-error', '--globoff'];
    return this.place.command('curl', ...standard, ...options, `${this.url}${path}`);
  }

  /** Wall time of the curl process; CPU time of the service. */
  async costOf(path: string, accept: string): Promise<Cost> {
    const before = this.cpuSeconds();
    const { wallSeconds } = await costOfCommand(this.curl(path, '--fail', '--header', `Accept: ${accept}`, '--output', '/dev/null'));
    await sleep(SETTLE_MILLISECONDS);
    return { wallSeconds, cpuSeconds: this.cpuSeconds() - before };
  }

  /** The cost per request of several requests over one connection. */
  async costOfEach(path: string, requests: number): Promise<Cost> {
    const more = join(dirname(this.curlConfig), 'more.conf');
    await writeFile(more, `url = "${this.url}${path}"\noutput = "/dev/null"\n`.repeat(requests - 1));
    const before = this.cpuSeconds();
    const { wallSeconds } = await costOfCommand(this.curl(path, '--fail', '--output', '/dev/null', '--config', more));
    await sleep(SETTLE_MILLISECONDS);
    return { wallSeconds: wallSeconds / requests, cpuSeconds: (this.cpuSeconds() - before) / requests };
  }

  /** CPU seconds that the service uses in a period without requests. */
  async costOfWaiting(seconds: number): Promise<number> {
    const before = this.cpuSeconds();
    await sleep(seconds * 1_000);
    return this.cpuSeconds() - before;
  }

  residentBytes(): Promise<number> {
    return this.statusBytes('VmRSS');
  }

  /** Peak since the last `resetPeak`. */
  peakResidentBytes(): Promise<number> {
    return this.statusBytes('VmHWM');
  }

  async resetPeak(): Promise<void> {
    await writeFile(`/proc/${this.pid}/clear_refs`, RESET_PEAK);
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
  }

  /** Since its start, all threads included. */
  cpuSeconds(): number {
    return cpuSecondsOf(this.pid);
  }

  private get pid(): number {
    return this.process.pid ?? 0;
  }

  private async statusBytes(field: string): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1_024;
  }
}

async function createToken(main: string, dataDir: string): Promise<{ readonly token: string; readonly curlConfig: string }> {
  const name = `bench-${String(process.hrtime.bigint())}`;
  const create = [main, 'token', 'create', '--name', name, '--scope', 'all', '--json', '--data-dir', dataDir];
  const { token } = JSON.parse(await run(process.execPath, create, { env: environment })) as { readonly token: string };
  const curlConfig = join(dataDir, `${name}.conf`);
  await writeFile(curlConfig, `header = "Authorization: Bearer ${token}"\n`, { mode: 0o600 });
  return { token, curlConfig };
}

/** Keeps reading the output afterwards, because the service would block on a full pipe. */
function urlFromBanner(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    const read = (chunk: Buffer): void => {
      if (printed.length < 100_000) printed += chunk.toString();
      const url = BANNER_URL.exec(printed)?.[1];
      if (url !== undefined) resolve(url);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => {
      reject(new Error(`The service exited with code ${String(code)} before it was ready:\n${printed}`));
    });
  });
}
