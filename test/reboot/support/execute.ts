import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Running children, and the signal that ends each. */
const running = new Map<ChildProcess, NodeJS.Signals>();
process.once('exit', () => {
  for (const [child, signal] of running) child.kill(signal);
});

export interface ExecuteOptions {
  readonly timeoutSeconds?: number;
  readonly input?: string;
  readonly cwd?: string;
  /** The signal that ends it on timeout, or when this process ends. */
  readonly endWith?: 'SIGTERM' | 'SIGKILL';
}

/** Runs a program and returns its standard output. It ends with this process. @throws Error with the end of its output */
export async function execute(
  program: string,
  args: readonly string[],
  { timeoutSeconds = 120, input = '', cwd, endWith = 'SIGTERM' }: ExecuteOptions = {},
): Promise<string> {
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  const child = spawn(program, args, {
    stdio: 'pipe',
    env,
    timeout: timeoutSeconds * 1_000,
    killSignal: endWith,
    ...(cwd === undefined ? {} : { cwd }),
  });
  running.set(child, endWith);
  let printed = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4_000)));
  child.stdin.on('error', () => undefined).end(input);
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    if (code === 0) return printed;
    throw new Error(`${program} ${args.join(' ')} ended with ${String(signal ?? code)}:\n${errors || printed.slice(-4_000)}`);
  } finally {
    running.delete(child);
  }
}

/** A script for sh, in which `$1`, `$2`, … are the arguments. */
export function script(text: string, args: readonly string[] = [], options: ExecuteOptions = {}): Promise<string> {
  return execute('sh', ['-euc', text, 'sh', ...args], options);
}
