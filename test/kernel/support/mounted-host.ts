import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './run.ts';

const PORT = 2222;
/** As docs/how-to/old-kernels.md has them. */
const OPTIONS = 'direct_io,sshfs_sync,dir_cache=no';

/** A directory that a real sshd serves in a network namespace, mounted with sshfs as the root of another host. */
export class MountedHost {
  readonly root: string;
  private readonly directory: string;
  private readonly enter: readonly string[];
  private readonly served: string;
  private server: ChildProcess | undefined;
  private mounted: ChildProcess | undefined;

  private constructor(directory: string, namespace: string, served: string) {
    this.directory = directory;
    this.root = join(directory, 'mounted');
    this.enter = [`--net=/run/netns/${namespace}`, '--'];
    this.served = served;
  }

  /** @param served the directory that is the root of the host */
  static async create(namespace: string, served: string): Promise<MountedHost> {
    const directory = await mkdtemp(join(tmpdir(), 'conntrack-api-mounted-'));
    const host = new MountedHost(directory, namespace, served);
    await mkdir(host.root);
    await mkdir('/run/sshd', { recursive: true });
    for (const key of ['host', 'client']) await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, key)]);
    const lines = [
      `ListenAddress 127.0.0.1:${String(PORT)}`,
      `HostKey ${directory}/host`,
      `AuthorizedKeysFile ${directory}/client.pub`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin prohibit-password',
      'Subsystem sftp internal-sftp',
    ];
    await writeFile(join(directory, 'sshd_config'), `${lines.join('\n')}\n`);
    return host;
  }

  async mount(options = OPTIONS): Promise<void> {
    this.server ??= this.start('/usr/sbin/sshd', '-D', '-e', '-f', join(this.directory, 'sshd_config'));
    const ssh = `IdentityFile=${this.directory}/client,StrictHostKeyChecking=no,UserKnownHostsFile=/dev/null,ConnectionAttempts=20`;
    this.mounted = this.start('sshfs', '-f', '-p', String(PORT), '-o', `${ssh},${options}`, `root@127.0.0.1:${this.served}`, this.root);
    while (!(await this.isMounted())) {
      if (this.mounted.exitCode !== null) throw new Error(`sshfs ended with code ${String(this.mounted.exitCode)}.`);
      await sleep(50);
    }
  }

  /** Ends the connection, as a host that dies does. The mount point stays. */
  async disconnect(): Promise<void> {
    await stop(this.mounted, 'SIGKILL');
  }

  /** Removes the mount, although the service uses it. */
  async unmount(): Promise<void> {
    if (await this.isMounted()) await run('umount', ['--lazy', this.root]);
    await stop(this.mounted, 'SIGTERM');
  }

  async remove(): Promise<void> {
    await this.unmount();
    await stop(this.server, 'SIGTERM');
    await rm(this.directory, { recursive: true });
  }

  private start(program: string, ...args: readonly string[]): ChildProcess {
    // In the mount namespace of the test, unlike `ip netns exec`.
    return spawn('nsenter', [...this.enter, 'setpriv', '--pdeathsig', 'KILL', '--', program, ...args], { stdio: 'ignore' });
  }

  private async isMounted(): Promise<boolean> {
    return (await run('findmnt', ['--noheadings', '--list', '--output', 'TARGET'])).split('\n').includes(this.root);
  }
}

async function stop(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
