import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { recordHost } from '../../test/kernel/support/host-record.ts';

const GUARDIAN = resolve('test/kernel/support/guardian.ts');
const ALIAS_OF_MAX = '/proc/sys/net/nf_conntrack_max';
const SYSCTLS = '/proc/sys/net/netfilter';

/**
 * The host that the benchmark runs on, recorded before anything moves. The guardian of the kernel tests, a process of its own, removes the
 * run's network namespaces and puts the host's settings back when this process ends, however it ends: Ctrl-C and SIGKILL included.
 */
export class Host {
  /** A directory of this run, for data and as the prefix of the names of its namespaces. */
  readonly scratch: string;
  private readonly guardian: ChildProcess;

  private constructor(scratch: string, guardian: ChildProcess) {
    this.scratch = scratch;
    this.guardian = guardian;
  }

  /** @throws Error where a benchmark cannot run */
  static async take(): Promise<Host> {
    if (process.getuid?.() !== 0) throw new Error('The benchmark must run as root: it makes a network namespace and fills its table.');
    if (!existsSync(ALIAS_OF_MAX))
      throw new Error('Expected connection tracking (modprobe nf_conntrack) in the initial network namespace.');
    if (!existsSync('dist/main.js')) throw new Error('Expected the built service in dist: npm run build.');
    const scratch = await mkdtemp(join(tmpdir(), 'ct-bench-'));
    await writeFile(join(scratch, 'host.json'), JSON.stringify(await recordHost()));
    return new Host(scratch, spawn(process.execPath, [GUARDIAN, scratch], { detached: true, stdio: ['pipe', 'ignore', 'inherit'] }));
  }

  /** Entries that a namespace can hold before the kernel begins to evict (95 % of max). */
  async capacity(): Promise<number> {
    return Math.floor((await this.read('max')) * 0.95);
  }

  /** Of the whole host: both can be set in the initial namespace only. Stops tracked traffic for about half a second. */
  async raise(max: number, buckets: number): Promise<void> {
    await this.write('max', max);
    await this.write('buckets', buckets);
  }

  /** @throws Error when the host is not as it was */
  async release(): Promise<void> {
    const ended = once(this.guardian, 'exit');
    this.guardian.stdin?.end();
    const [code] = (await ended) as [number | null];
    if (code !== 0) throw new Error('The benchmark did not leave the host as it found it: see the message above.');
  }

  private async read(name: string): Promise<number> {
    return Number(await readFile(join(SYSCTLS, `nf_conntrack_${name}`), 'utf8'));
  }

  private async write(name: string, value: number): Promise<void> {
    if ((await this.read(name)) >= value) return;
    await writeFile(join(SYSCTLS, `nf_conntrack_${name}`), `${value}\n`);
    const now = await this.read(name);
    if (now < value) throw new Error(`nf_conntrack_${name}: expected ${value}, the kernel says ${now}.`);
  }
}
