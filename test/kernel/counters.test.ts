import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CountersBeside } from './support/counters-beside.ts';
import { NetworkNamespace } from './support/network-namespace.ts';

const SCRIPT = join(import.meta.dirname, 'support/counters-beside.ts');
/** A /proc with the settings, but without the files that a kernel without CONFIG_NF_CONNTRACK_PROCFS lacks, and others. */
const WITHOUT_PROCFS =
  'mount -t tmpfs none /proc && mkdir /proc/sys /proc/real && mount -t proc proc /proc/real && mount --bind /proc/real/sys /proc/sys && exec "$@"';
const ENTRY = ['-p', 'udp', '-s', '192.0.2.1', '-d', '192.0.2.2', '--sport', '7', '-t', '3600'];
/** Names in conntrack -S that differ from the columns of the file. */
const COLUMN_OF: Readonly<Record<string, string>> = { error: 'icmp_error', clash_resolve: 'clashres', chaintoolong: 'chainlength' };

let namespace: NetworkNamespace;

beforeAll(async () => {
  namespace = await NetworkNamespace.create('counters');
  for (const port of ['1', '2', '3']) await namespace.run('conntrack', ['-I', ...ENTRY, '--dport', port]);
});

afterAll(() => namespace.delete());

type PerCpu = Exclude<CountersBeside['ctnetlink'], string>;

/** @throws Error with the kernel's error */
function counted(perCpu: CountersBeside['ctnetlink']): PerCpu {
  if (typeof perCpu === 'string') throw new Error(perCpu);
  return perCpu;
}

async function look(...wrapper: readonly string[]): Promise<CountersBeside> {
  const [program, ...args] = [...wrapper, process.execPath, SCRIPT];
  return JSON.parse(await namespace.run(program, args)) as CountersBeside;
}

function capability(found: CountersBeside, name: string): CountersBeside['capabilities'][number] | undefined {
  return found.capabilities.find((each) => each.name === name);
}

describe('the counters over ctnetlink', () => {
  it('equal those of the file for each CPU, under the same names', async () => {
    const { file, ...found } = await look();
    const ctnetlink = counted(found.ctnetlink);
    expect(ctnetlink.length).toBe(file?.length);
    expect(file).toMatchObject(ctnetlink);
    expect(ctnetlink.reduce((total, counters) => total + (counters['insert'] ?? 0), 0)).toBe(3);
  });

  it('equal those of conntrack -S', async () => {
    const { ctnetlink, conntrack } = await look();
    const shown = conntrack
      .trimEnd()
      .split('\n')
      .map((line) =>
        Object.fromEntries(
          [...line.matchAll(/(\w+)=(\d+)/g)]
            .filter(([, name = '']) => name !== 'cpu')
            .map(([, name = '', value]) => [COLUMN_OF[name] ?? name, Number(value)]),
        ),
      );
    expect(ctnetlink).toEqual(shown);
  });

  it('include the number of entries', async () => {
    expect((await look()).count).toBe(await namespace.readSysctl('count'));
  });

  it('are not requested if the file exists', async () => {
    const { product, file } = await look();
    expect(product).toEqual({ source: '/proc/net/stat/nf_conntrack', perCpu: file });
  });

  it('replace the file if the kernel has none', async () => {
    const found = await look('unshare', '--mount', 'sh', '-c', WITHOUT_PROCFS, 'sh');
    expect(found).not.toHaveProperty('file');
    expect(found.product).toEqual({ source: 'ctnetlink', perCpu: found.ctnetlink });
    for (const name of ['counters', 'entries']) expect(capability(found, name)).toMatchObject({ available: true, via: 'ctnetlink' });
  });
});

describe('the capabilities', () => {
  it('use ctnetlink, and list the filter parts that this kernel applies', async () => {
    const found = await look();
    for (const name of ['entries', 'entries.delete', 'events'])
      expect(capability(found, name)).toMatchObject({ available: true, via: 'ctnetlink' });
    expect(capability(found, 'entries.filter')?.honours).toEqual(['family', 'address', 'protocol', 'port', 'status', 'mark', 'zone']);
  });

  it('fall back to the text dump without CAP_NET_ADMIN, and report what is missing', async () => {
    const found = await look('setpriv', '--bounding-set', '-net_admin', '--inh-caps', '-net_admin');
    expect(capability(found, 'entries')).toMatchObject({ available: true, via: '/proc/net/nf_conntrack' });
    for (const name of ['entries.filter', 'entries.delete', 'events']) {
      expect(capability(found, name)).toMatchObject({
        available: false,
        reason: expect.stringContaining('EPERM') as unknown,
        remedy: expect.stringContaining('CAP_NET_ADMIN') as unknown,
      });
    }
  });
});
