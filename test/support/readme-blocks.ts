import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** The environment in which the printed commands run; apart from these values it is a plain shell. */
export interface ShellContext {
  /** Command that starts the shell elsewhere, for example in a network namespace; default none. */
  readonly prefix?: readonly string[];
  readonly cwd: string;
  /** Contains `API`, which the first block of the README reads, and the service's own variables. */
  readonly env: NodeJS.ProcessEnv;
}

export interface ShellResult {
  readonly exitCode: number | null;
  /** Standard output and standard error interleaved, each command before its output. */
  readonly transcript: string;
}

/** The text of every bash block of a document, in order. */
export function allBashBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/^```bash\n(.*?)^```$/gms)].map((match) => match[1] ?? '');
}

/** The text of every bash block under the second-level heading `heading`, in order. @throws Error if there is none. */
export function bashBlocks(markdown: string, heading: string): string[] {
  const section = markdown.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  const blocks = allBashBlocks(section ?? '');
  if (blocks.length === 0) throw new Error(`Expected a section "## ${heading}" with bash blocks, found none.`);
  return blocks;
}

/** Runs the blocks as one shell session, which stops at the first failing command, then kills the processes they left running. */
export async function runBlocks(blocks: readonly string[], { prefix = [], cwd, env }: ShellContext): Promise<ShellResult> {
  const [program, ...args] = [...prefix, 'bash', '-o', 'errexit', '-o', 'pipefail', '-o', 'xtrace', '-c', blocks.join('\n')];
  const shell = spawn(program, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let transcript = '';
  const append = (chunk: Buffer): void => {
    transcript += chunk.toString();
  };
  shell.stdout.on('data', append);
  shell.stderr.on('data', append);
  const closed = once(shell, 'close');
  // "exit" comes first: a background service keeps the pipes open.
  const [exitCode] = (await once(shell, 'exit')) as [number | null];
  killGroup(shell.pid);
  await closed;
  return { exitCode, transcript };
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
