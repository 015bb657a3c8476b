import { basename, resolve } from 'node:path';
import { run } from '../../test/kernel/support/run.ts';
import type { Command } from './cost.ts';

const FACTORY = resolve('test/support/entry-factory-process.ts');
/** Small enough to finish well within the timeout of `run`. */
const ENTRIES_AT_ONCE = 1_000_000;

/** A network namespace with its own table. It tracks no packets, so that measurements do not change the table. */
export class Namespace {
  readonly name: string;
  private entries = 0;

  private constructor(name: string) {
    this.name = name;
  }

  static async create(scratch: string, label = 'table'): Promise<Namespace> {
    const namespace = new Namespace(`${basename(scratch)}-${label}`);
    await run('ip', ['netns', 'add', namespace.name]);
    await run('ip', ['-n', namespace.name, 'link', 'set', 'lo', 'up']);
    await namespace.run('sysctl', '--write', 'net.netfilter.nf_conntrack_acct=1');
    return namespace;
  }

  /** The command wrapped to run in the namespace. It replaces nsenter (exec), so the process id and the cost are those of the command. */
  command(...command: Command): Command {
    return ['nsenter', `--net=/run/netns/${this.name}`, ...command];
  }

  /** Creates entries until the table has this many. @throws Error if the kernel's count differs afterwards */
  async fill(entries: number): Promise<void> {
    while (this.entries < entries) {
      const count = Math.min(ENTRIES_AT_ONCE, entries - this.entries);
      await this.run(process.execPath, FACTORY, 'create', '--first', String(this.entries), '--count', String(count));
      this.entries += count;
    }
    const counted = await this.count();
    if (counted !== this.entries) throw new Error(`Expected ${this.entries} entries in the table, found ${counted}.`);
  }

  async count(): Promise<number> {
    return Number(await this.run('cat', '/proc/sys/net/netfilter/nf_conntrack_count'));
  }

  async remove(): Promise<void> {
    await run('ip', ['netns', 'delete', this.name]);
  }

  run(...command: Command): Promise<string> {
    const [program, ...args] = this.command(...command);
    return run(program, args);
  }
}
