import { execFile } from 'node:child_process';

export interface RunOptions {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds. */
  readonly timeout?: number;
}

/** Runs a program and returns its standard output. @throws Error with its standard error if it fails */
export function run(
  program: string,
  args: readonly string[],
  { input = '', env = process.env, timeout = 60_000 }: RunOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { env, maxBuffer: 256 * 1024 * 1024, timeout }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} ${args.join(' ')}: ${error.message}\n${stderr}`));
      else resolve(stdout);
    });
    // A program may end without reading its input. Its exit code shows whether that is an error.
    child.stdin?.on('error', () => undefined).end(input);
  });
}
