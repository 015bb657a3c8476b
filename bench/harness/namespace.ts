import { basename, resolve } from 'node:path';
import { run } from '../../test/kernel/support/run.ts';
import type { Command } from './cost.ts';

const FACTORY = resolve('test/support/entry-factory-process.ts');
/** One fill ends well within the time that `run` gives a program. */
const ENTRIES_AT_ONCE = 1_000_000;

/** A network namespace with a table of its own. No packet is tracked in it: what is measured does not change the table. */
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

  /** Makes a command one that runs in here: it replaces nsenter, so process id and cost are its own. */
  command(...command: Command): Command {
    return ['nsenter', `--net=/run/netns/${this.name}`, ...command];
  }

  /** Makes entries until there are this many. @throws Error when the kernel's count is another one then */
  async fill(entries: number): Promise<void> {
    while (this.entries < entries) {
      const count = Math.min(ENTRIES_AT_ONCE, entries - this.entries);
      await this.run(process.execPath, FACTORY, 'create', '--first', String(this.entries), '--count', String(count));
      this.entries += count;
    }
    const counted = await this.count();
    if (counted !== this.entries) throw new Error(`Expected ${this.entries} entries in the table, the kernel counts ${counted}.`);
  }

  async count(): Promise<number> {
    return Number(await this.run('cat', '/proc/sys/net/netfilter/nf_conntrack_count'));
  }

  run(...command: Command): Promise<string> {
    const [program, ...args] = this.command(...command);
    return run(program, args);
  }
}
