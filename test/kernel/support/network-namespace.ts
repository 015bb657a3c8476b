import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inject } from 'vitest';
import { run } from './run.ts';

export const SERVICE_PORT = 8477;

/** Tracks every flow except the service's own, whose requests would otherwise add entries. */
const RULES = `
table inet ct_test {
  chain ours_before { type filter hook prerouting priority raw; tcp dport ${SERVICE_PORT} notrack; tcp sport ${SERVICE_PORT} notrack; }
  chain ours_out { type filter hook output priority raw; tcp dport ${SERVICE_PORT} notrack; tcp sport ${SERVICE_PORT} notrack; }
  chain tracked { type filter hook input priority filter; tcp dport 5001 ct mark set 42; ct state new,established accept; }
  chain translated { type nat hook output priority -100; ip daddr 192.0.2.9 tcp dport 80 dnat ip to 192.0.2.2:5001; }
}`;

/** Documentation addresses, all on the namespace's loopback interface. */
const ADDRESSES = ['192.0.2.1/32', '192.0.2.2/32', '198.51.100.1/32', '198.51.100.2/32', '2001:db8::1/128', '2001:db8::2/128'];

/** Long enough that no entry expires during a test. */
const TIMEOUT_SECONDS = 3_600;
const TIMEOUTS = ['udp_timeout', 'udp_timeout_stream', 'icmp_timeout', 'icmpv6_timeout', 'tcp_timeout_time_wait'];

/** A network namespace with connection tracking enabled and its own table. */
export class NetworkNamespace {
  readonly name: string;
  /** Prefix of a command line that runs in this namespace. */
  readonly prefix: readonly string[];

  private constructor(name: string) {
    this.name = name;
    this.prefix = ['ip', 'netns', 'exec', name];
  }

  static async create(label: string): Promise<NetworkNamespace> {
    const namespace = new NetworkNamespace(`${basename(inject('scratch'))}-${label}`);
    await run('ip', ['netns', 'add', namespace.name]);
    await namespace.run('ip', ['link', 'set', 'lo', 'up']);
    for (const address of ADDRESSES) await namespace.run('ip', ['address', 'add', address, 'dev', 'lo']);
    await namespace.run('ip', ['route', 'add', '192.0.2.9/32', 'dev', 'lo']);
    await namespace.run('nft', ['-f', '-'], RULES);
    for (const name of TIMEOUTS) await namespace.writeSysctl(name, TIMEOUT_SECONDS);
    return namespace;
  }

  run(program: string, args: readonly string[], input = ''): Promise<string> {
    return run('ip', [...this.prefix.slice(1), program, ...args], { input });
  }

  /** The value of `nf_conntrack_<name>` in this namespace. */
  async readSysctl(name: string): Promise<number> {
    return Number(await this.run('cat', [sysctlPath(name)]));
  }

  async writeSysctl(name: string, value: number): Promise<void> {
    await this.run('tee', [sysctlPath(name)], `${value}\n`);
  }

  /** Starts talk.ts in this namespace and waits for its traffic. Connections stay open until the namespace is deleted. */
  async talk(): Promise<void> {
    const command = [...this.prefix, process.execPath, join(import.meta.dirname, 'talk.ts')];
    const talker = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], { stdio: ['ignore', 'pipe', 'inherit'] });
    const outcome = await Promise.race([once(talker.stdout, 'data').then(String), once(talker, 'exit').then(() => 'it ended')]);
    if (outcome !== 'ready\n') throw new Error(`talk.ts: expected "ready", found "${outcome}".`);
    for (const [source, destination] of [
      ['192.0.2.1', '192.0.2.2'],
      ['2001:db8::1', '2001:db8::2'],
    ] as const) {
      await this.run('ping', ['-c', '1', '-W', '5', '-I', source, destination]);
    }
  }

  async delete(): Promise<void> {
    const pids = (await run('ip', ['netns', 'pids', this.name])).split('\n').filter(Boolean).map(Number);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await run('ip', ['netns', 'delete', this.name]);
  }
}

/** The initial network namespace: the only one where max and buckets can be written. */
export const host = {
  prefix: [] as readonly string[],
  readSysctl: async (name: string): Promise<number> => Number(await readFile(sysctlPath(name), 'utf8')),
  writeSysctl: (name: string, value: number): Promise<void> => writeFile(sysctlPath(name), `${value}\n`),
};

function sysctlPath(name: string): string {
  return `/proc/sys/net/netfilter/nf_conntrack_${name}`;
}
