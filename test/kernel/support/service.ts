import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { environment, MAIN, type Home, type Place } from './home.ts';
import { run } from './run.ts';

export interface Answer<Body> {
  readonly status: number;
  readonly text: string;
  readonly body: Body;
}

export interface RequestOptions {
  readonly body?: unknown;
  readonly accept?: string;
}

/** The built service, running as root on the real kernel. */
export class Service {
  readonly url: string;
  private readonly process: ChildProcess;
  private readonly place: Place;
  private readonly token: string;

  private constructor(child: ChildProcess, place: Place, token: string, url: string) {
    this.process = child;
    this.place = place;
    this.token = token;
    this.url = url;
  }

  /** Resolves when the service is ready. @throws Error with its output if it ends instead */
  static async start(
    place: Place,
    home: Pick<Home, 'dataDir' | 'wrap'>,
    token: string,
    port = 0,
    flags: readonly string[] = [],
    main = MAIN,
  ): Promise<Service> {
    const serve = [
      process.execPath,
      main,
      'serve',
      '--port',
      String(port),
      '--data-dir',
      home.dataDir,
      '--no-first-token',
      '--rate-limit',
      '0',
      ...flags,
    ];
    const [program, ...args] = home.wrap(place, serve);
    const child = spawn(program, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    return new Service(child, place, token, await greetedUrl(child));
  }

  async request<Body = unknown>(method: string, path: string, { body, accept }: RequestOptions = {}): Promise<Answer<Body>> {
    const headers = [`Authorization: Bearer ${this.token}`, ...(accept === undefined ? [] : [`Accept: ${accept}`])];
    const payload = body === undefined ? [] : ['-H', 'Content-Type: application/json', '--data-binary', '@-'];
    const [program, ...args] = [...this.place.prefix, 'curl', '--silent', '--show-error', '--globoff', '--request', method, ...payload];
    const printed = await run(
      program ?? 'curl',
      [
        ...args,
        ...headers.flatMap((header) => ['-H', header]),
        '--write-out',
        '\n%{http_code} %{content_type}',
        `${this.url}/api/v1${path}`,
      ],
      { input: body === undefined ? '' : JSON.stringify(body) },
    );
    const end = printed.lastIndexOf('\n');
    const [status = '', type = ''] = printed.slice(end + 1).split(' ');
    const text = printed.slice(0, end);
    return {
      status: Number(status),
      text,
      body: (/json(;|$)/.test(type) && !type.includes('ndjson') ? JSON.parse(text) : undefined) as Body,
    };
  }

  /** Kills it with SIGKILL. */
  async kill(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
  }

  /** Stops it with SIGTERM, as an operator does. */
  async stop(): Promise<number | null> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return this.process.exitCode;
    const ended = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    const [code] = (await ended) as [number | null];
    return code;
  }
}

function greetedUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    const read = (chunk: Buffer): void => {
      printed += chunk.toString();
      const url = /^ *API +(\S+)\/api\/v1$/m.exec(printed)?.[1];
      if (url !== undefined) resolve(url);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => {
      reject(new Error(`The service ended with code ${String(code)} before it was ready:\n${printed}`));
    });
  });
}
