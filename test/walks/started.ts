import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const END_MILLISECONDS = 15_000;

/** As a new shell has it: nothing of this checkout's packages, of the npm that runs this test, or of a configuration of the service. */
export function newcomersEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^CONNTRACK_API_|^npm_(?!config_(registry|cache|userconfig|globalconfig)$)|^VITEST|^(INIT_CWD|NODE|NODE_ENV|NODE_OPTIONS|API)$/.test(
        name,
      ),
  );
  const path = (process.env['PATH'] ?? '').split(':').filter((directory) => !directory.includes('node_modules'));
  return { ...Object.fromEntries(kept), PATH: path.join(':') };
}

/** A service that somebody has started in a terminal. */
export class Started {
  readonly api: string;
  readonly token: string;
  private readonly shell: ChildProcess;

  private constructor(shell: ChildProcess, api: string, token: string) {
    this.shell = shell;
    this.api = api;
    this.token = token;
  }

  /** Resolves once it has said where it is. @throws Error with all it printed when it ends instead */
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
        reject(new Error(`It ended with code ${String(code)}:\n${printed}`));
      });
    });
  }

  async get(path: string): Promise<unknown> {
    const answer = await fetch(`${this.api}${path}`, { headers: { authorization: `Bearer ${this.token}` } });
    return answer.json();
  }

  /** As Ctrl-C does: the signal goes to everything in the terminal. @throws Error where it does not end in time */
  async end(): Promise<void> {
    if (this.shell.pid === undefined || this.shell.exitCode !== null || this.shell.signalCode !== null) return;
    const closed = once(this.shell, 'close', { signal: AbortSignal.timeout(END_MILLISECONDS) });
    process.kill(-this.shell.pid, 'SIGINT');
    await closed;
  }
}
