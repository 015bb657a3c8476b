import { existsSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import type { NetworkNamespace } from './network-namespace.ts';

interface Version {
  readonly parent: string;
  readonly limit: string;
  readonly usage: string;
  /** The file with the number of processes that the kernel killed. */
  readonly events: string;
  readonly unlimited: string;
}

const V1: Version = {
  parent: '/sys/fs/cgroup/memory',
  limit: 'memory.limit_in_bytes',
  usage: 'memory.usage_in_bytes',
  events: 'memory.oom_control',
  unlimited: '-1',
};
const V2: Version = { parent: '/sys/fs/cgroup', limit: 'memory.max', usage: 'memory.current', events: 'memory.events', unlimited: 'max' };

/** A cgroup of this machine that limits the memory of a process. */
export class MemoryCgroup {
  private readonly version: Version;
  private readonly directory: string;

  private constructor(version: Version, directory: string) {
    this.version = version;
    this.directory = directory;
  }

  static async create(): Promise<MemoryCgroup> {
    const version = existsSync(join(V1.parent, V1.limit)) ? V1 : V2;
    if (version === V2) await writeFile(join(V2.parent, 'cgroup.subtree_control'), '+memory');
    const directory = join(version.parent, `conntrack-api-${String(process.pid)}`);
    await mkdir(directory);
    return new MemoryCgroup(version, directory);
  }

  get limitFile(): string {
    return join(this.directory, this.version.limit);
  }

  /** As the namespace, with the process in this cgroup. `ip netns exec` would hide /sys/fs/cgroup. */
  inside({ name }: NetworkNamespace): { readonly prefix: readonly string[] } {
    const enter = `echo $$ > ${this.directory}/cgroup.procs && exec "$@"`;
    return { prefix: ['/bin/sh', '-c', enter, 'sh', 'nsenter', `--net=/run/netns/${name}`, '--'] };
  }

  /** Leaves about so many bytes free. */
  async limitToFree(bytes: number): Promise<void> {
    await writeFile(this.limitFile, this.version.unlimited);
    // What ended requests used is returned to the system.
    await sleep(1_000);
    await writeFile(this.limitFile, String((await this.usage()) + bytes));
  }

  async kills(): Promise<number> {
    return Number(/^oom_kill (\d+)$/m.exec(await this.read(this.version.events))?.[1]);
  }

  async remove(): Promise<void> {
    await rmdir(this.directory);
  }

  private async usage(): Promise<number> {
    return Number(await this.read(this.version.usage));
  }

  private read(file: string): Promise<string> {
    return readFile(join(this.directory, file), 'utf8');
  }
}
