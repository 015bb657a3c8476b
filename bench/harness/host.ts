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
 * The host that the benchmark runs on; its settings are recorded before anything changes. When this process ends, even by Ctrl-C or SIGKILL,
 * the guardian process of the kernel tests removes the run's network namespaces and restores the host's settings.
 */
export class Host {
  /** Directory of this run, for data. Its name is the prefix of the names of the namespaces. */
  readonly scratch: string;
  private readonly guardian: ChildProcess;

  private constructor(scratch: string, guardian: ChildProcess) {
    this.scratch = scratch;
    this.guardian = guardian;
  }

  /** @throws Error if the benchmark cannot run on this host */
  static async prepare(): Promise<Host> {
    if (process.getuid?.() !== 0) throw new Error('Expected root: the benchmark creates a network namespace and fills its table.');
    if (!existsSync(ALIAS_OF_MAX)) throw new Error('Expected conntrack in the initial network namespace: run modprobe nf_conntrack.');
    if (!existsSync('dist/main.js')) throw new Error('Expected the built service in dist: run npm run build.');
    const scratch = await mkdtemp(join(tmpdir(), 'ct-bench-'));
    await writeFile(join(scratch, 'host.json'), JSON.stringify(await recordHost()));
    return new Host(scratch, spawn(process.execPath, [GUARDIAN, scratch], { detached: true, stdio: ['pipe', 'ignore', 'inherit'] }));
  }

  /** Number of entries that a namespace can hold before the kernel starts to evict (95 % of max). */
  async capacity(): Promise<number> {
    return Math.floor((await this.read('max')) * 0.95);
  }

  /** Raises the values of the whole host; both can be set in the initial namespace only. Stops tracked traffic for about half a second. */
  async raise(max: number, buckets: number): Promise<void> {
    await this.write('max', max);
    await this.write('buckets', buckets);
  }

  /** Restores the host. @throws Error if a setting could not be restored */
  async release(): Promise<void> {
    const ended = once(this.guardian, 'exit');
    this.guardian.stdin?.end();
    const [code] = (await ended) as [number | null];
    if (code !== 0) throw new Error('The settings of the host could not be restored: see the message above.');
  }

  private async read(name: string): Promise<number> {
    return Number(await readFile(join(SYSCTLS, `nf_conntrack_${name}`), 'utf8'));
  }

  private async write(name: string, value: number): Promise<void> {
    if ((await this.read(name)) >= value) return;
    await writeFile(join(SYSCTLS, `nf_conntrack_${name}`), `${value}\n`);
    const now = await this.read(name);
    if (now < value) throw new Error(`nf_conntrack_${name}: expected ${value}, found ${now}.`);
  }
}
