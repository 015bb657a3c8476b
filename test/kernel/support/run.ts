import { execFile } from 'node:child_process';

export interface RunOptions {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program to its end and gives its standard output. @throws Error with what it said on standard error. */
export function run(program: string, args: readonly string[], { input = '', env = process.env }: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { env, maxBuffer: 256 * 1024 * 1024, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} ${args.join(' ')}: ${error.message}\n${stderr}`));
      else resolve(stdout);
    });
    // A program may end without reading its input; whether that is wrong, its exit code tells.
    child.stdin?.on('error', () => undefined).end(input);
  });
}
