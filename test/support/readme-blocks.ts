import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Where the printed commands run; a reader's shell differs in nothing else. */
export interface Walk {
  /** Put before the shell, to run it elsewhere; nothing where it is left out. */
  readonly prefix?: readonly string[];
  readonly cwd: string;
  /** `API`, the variable the walk takes its address from, and the service's own variables. */
  readonly env: NodeJS.ProcessEnv;
}

export interface WalkResult {
  readonly exitCode: number | null;
  /** Standard output and standard error as they came, with each command before what it printed. */
  readonly transcript: string;
}

/** The text of every bash block under the second-level heading `heading`, in order. @throws Error when there is none. */
export function bashBlocks(markdown: string, heading: string): string[] {
  const section = markdown.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  const blocks = [...(section ?? '').matchAll(/^```bash\n(.*?)^```$/gms)].map((match) => match[1] ?? '');
  if (blocks.length === 0) throw new Error(`Expected a section "## ${heading}" with bash blocks, found none.`);
  return blocks;
}

/** Runs the blocks as one shell session that ends at the first command that fails, and ends whatever they left running. */
export async function runBlocks(blocks: readonly string[], { prefix = [], cwd, env }: Walk): Promise<WalkResult> {
  const [program, ...args] = [...prefix, 'bash', '-o', 'errexit', '-o', 'pipefail', '-o', 'xtrace', '-c', blocks.join('\n')];
  const shell = spawn(program, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let transcript = '';
  const note = (chunk: Buffer): void => {
    transcript += chunk.toString();
  };
  shell.stdout.on('data', note);
  shell.stderr.on('data', note);
  const closed = once(shell, 'close');
  // "exit" first: a service that was started in the background holds the pipes open.
  const [exitCode] = (await once(shell, 'exit')) as [number | null];
  endGroup(shell.pid);
  await closed;
  return { exitCode, transcript };
}

function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
