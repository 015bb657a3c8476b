import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { run } from './run.ts';
import type { NetworkNamespace } from './network-namespace.ts';

const FACTORY = join(import.meta.dirname, '../../support/entry-factory-process.ts');

/** Entries of every kind that traffic on this machine cannot create. */
const RARE = [
  ...[
    ['-p', 'gre', '--srckey', '0x1234', '--dstkey', '5', '-u', 'SEEN_REPLY'],
    ['-p', '50'],
    ['-p', 'udplite', '--sport', '1', '--dport', '2'],
  ],
  ['-p', 'sctp', '--sport', '1', '--dport', '2', '--state', 'ESTABLISHED', '--orig-vtag', '1', '--reply-vtag', '2'],
  ['-p', 'dccp', '--sport', '1', '--dport', '2', '--state', 'OPEN', '--role', 'client'],
  ['-p', 'tcp', '--sport', '1', '--dport', '2', '--state', 'SYN_SENT2', '-u', 'SEEN_REPLY,ASSURED', '-m', '4294967295', '-w', '4'],
];

/** Creates the entries `first`, `first + 1`, …: the mix of a busy gateway, always the same. */
export async function makeEntries(namespace: NetworkNamespace, count: number, first = 0): Promise<void> {
  await namespace.run(process.execPath, [FACTORY, 'create', '--count', String(count), '--first', String(first)]);
}

/** Fills the table with entries that the kernel does not evict. */
export async function fillTable(namespace: NetworkNamespace): Promise<void> {
  const free = (await namespace.readSysctl('max')) - (await namespace.readSysctl('count'));
  await namespace.run(process.execPath, [FACTORY, 'assure', '--count', String(free)]);
}

export async function makeRareEntries(namespace: NetworkNamespace): Promise<void> {
  for (const args of RARE) await namespace.run('conntrack', ['-I', '-s', '10.9.9.1', '-d', '10.9.9.2', '-t', '36000', ...args]);
}

export interface Churn {
  /** Resolves with the number of entries that were created, after all of them are deleted. */
  end(): Promise<number>;
}

/** Creates this many entries per second, and deletes each a second later. */
export async function churn(namespace: NetworkNamespace, perSecond: number): Promise<Churn> {
  const command = [...namespace.prefix, process.execPath, FACTORY, 'churn', '--rate', String(perSecond)];
  const factory = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], { stdio: ['pipe', 'pipe', 'inherit'] });
  let printed = '';
  factory.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const exit = once(factory, 'exit');
  await Promise.race([once(factory.stdout, 'data'), exit]);
  if (!printed.startsWith('ready\n')) throw new Error(`The entry factory: expected "ready", found "${printed}".`);
  return {
    end: async () => {
      factory.stdin.end();
      await exit;
      return (JSON.parse(printed.slice('ready\n'.length)) as { readonly created: number }).created;
    },
  };
}

/** Deletes the entries that `conntrack -D` finds with these options. */
export async function deleteEntries(namespace: NetworkNamespace, args: readonly string[]): Promise<void> {
  await run('ip', [...namespace.prefix.slice(1), 'conntrack', '-D', ...args]);
}
