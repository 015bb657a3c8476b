import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, cp, mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../kernel/support/run.ts';

/** Exists only in the initial network namespace. */
const INITIAL_NAMESPACE_ONLY = '/proc/sys/net/nf_conntrack_max';
const TOOLS = ['ip', 'strace', 'unshare', 'setpriv', 'mount', 'umount'];

/** Fails instead of skipping if the tests cannot run. */
export async function requireEnclosure(): Promise<void> {
  const missing: string[] = [];
  if (process.getuid?.() !== 0) missing.push('root');
  for (const tool of TOOLS) if (!(await succeeds(run('sh', ['-c', `command -v ${tool}`])))) missing.push(`the program "${tool}"`);
  if (!(await succeeds(access('/proc/sys/net/netfilter')))) missing.push('conntrack (modprobe nf_conntrack)');
  if (missing.length > 0) throw new Error(`This needs ${missing.join('; ')}.`);
}

const IN_PARALLEL = 2;

/**
 * Runs a script once for each list of arguments, two at a time, each in separate namespaces (see `furnish`). Returns the JSON that each
 * printed, in the same order, and calls `finished` with each. A failed run is reported on standard error, sets the exit code to 1 and is
 * omitted.
 */
export async function runAllEnclosed<Result>(
  script: string,
  jobs: readonly (readonly string[])[],
  finished: (result: Result) => void,
): Promise<Result[]> {
  const results = new Map<number, Result>();
  const queue = [...jobs.entries()];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [index, args] = next;
      try {
        const result = JSON.parse(await runEnclosed(script, args)) as Result;
        results.set(index, result);
        finished(result);
      } catch (error) {
        process.stderr.write(`${String(error)}\n`);
        process.exitCode = 1;
      }
    }
  };
  await Promise.all(Array.from({ length: IN_PARALLEL }, work));
  return [...results.entries()].sort(([a], [b]) => a - b).map(([, result]) => result);
}

/** Runs in new network, mount and process namespaces: everything that it starts and mounts ends with it, and it ends with this process. */
async function runEnclosed(script: string, args: readonly string[]): Promise<string> {
  const namespaces = ['unshare', '--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const command = ['--pdeathsig', 'KILL', '--', ...namespaces, process.execPath, script, ...args];
  const child = spawn('setpriv', command, { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code !== 0) throw new Error(`${script} ${args.join(' ')} ended with ${String(signal ?? code)}`);
  return printed;
}

/**
 * Called inside the namespaces: creates a directory in memory, mounts a copy of /etc over the real one, and brings up the loopback interface.
 *
 * @param product the directory is created next to it
 */
export async function furnish(product: string): Promise<string> {
  if (await succeeds(access(INITIAL_NAMESPACE_ONLY))) throw new Error('Refused: this would change the settings of the host itself.');
  const directory = await mkdtemp(`${product}-stage-`);
  await run('mount', ['-t', 'tmpfs', '-o', 'mode=0700', 'reliability', directory]);
  const etc = join(directory, 'etc');
  await cp('/etc', etc, { recursive: true, verbatimSymlinks: true });
  for (const name of ['sysctl.d', 'modprobe.d', 'modules-load.d']) await mkdir(join(etc, name), { recursive: true });
  await run('sh', ['-c', 'rm -f "$1"/*.d/*conntrack-api.conf', 'sh', etc]);
  await run('mount', ['--bind', etc, '/etc']);
  await run('ip', ['link', 'set', 'lo', 'up']);
  return directory;
}

function succeeds(attempt: Promise<unknown>): Promise<boolean> {
  return attempt.then(
    () => true,
    () => false,
  );
}
