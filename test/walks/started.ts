import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const END_MILLISECONDS = 15_000;

/** The environment of a new shell: without variables of this checkout's packages, of the npm that runs this test, or of the service. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^CONNTRACK_API_|^npm_(?!config_(registry|cache|userconfig|globalconfig)$)|^VITEST|^(INIT_CWD|NODE|NODE_ENV|NODE_OPTIONS|API)$/.test(
        name,
      ),
  );
  const path = (process.env['PATH'] ?? '').split(':').filter((directory) => !directory.includes('node_modules'));
  return { ...Object.fromEntries(kept), PATH: path.join(':') };
}

/** A service started in a terminal. */
export class Started {
  readonly api: string;
  readonly token: string;
  private readonly shell: ChildProcess;

  private constructor(shell: ChildProcess, api: string, token: string) {
    this.shell = shell;
    this.api = api;
    this.token = token;
  }

  /** Resolves once the service has printed its URL and token. @throws Error with the output if it exits first */
  static async start(
    [program, ...args]: readonly [string, ...string[]],
    options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
  ): Promise<Started> {
    const shell = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    return new Promise((resolve, reject) => {
      let printed = '';
      const read = (chunk: Buffer): void => {
        printed += chunk.toString();
        const api = /^ *API +(\S+)$/m.exec(printed)?.[1];
        const token = /^ *admin token +(\S+)$/m.exec(printed)?.[1];
        if (api !== undefined && token !== undefined) resolve(new Started(shell, api, token));
      };
      shell.stdout.on('data', read);
      shell.stderr.on('data', read);
      shell.once('exit', (code) => {
        reject(new Error(`The service exited with code ${String(code)}:\n${printed}`));
      });
    });
  }

  async get(path: string): Promise<unknown> {
    const response = await fetch(`${this.api}${path}`, { headers: { authorization: `Bearer ${this.token}` } });
    return response.json();
  }

  /** Sends SIGINT to the process group, like Ctrl-C. @throws Error if the service does not exit in time */
  async end(): Promise<void> {
    if (this.shell.pid === undefined || this.shell.exitCode !== null || this.shell.signalCode !== null) return;
    const closed = once(this.shell, 'close', { signal: AbortSignal.timeout(END_MILLISECONDS) });
    process.kill(-this.shell.pid, 'SIGINT');
    await closed;
  }
}
