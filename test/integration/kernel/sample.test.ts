import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProcfsTable } from '../../../src/kernel/procfs/procfs-table.ts';
import { copyKernelTree, type KernelTree } from '../../support/kernel-tree.ts';

let tree: KernelTree;
let table: ProcfsTable;

beforeEach(async () => {
  tree = await copyKernelTree('nf_conntrack');
  table = new ProcfsTable(tree.root);
});
afterEach(() => tree.remove());

describe('a sample of the table', () => {
  it('has the boot id, count, max, buckets and the counters of each CPU', async () => {
    expect(await table.sample()).toEqual({
      bootId: (await tree.read('/proc/sys/kernel/random/boot_id')).trim(),
      count: 49,
      max: 65_536,
      buckets: 16_384,
      counters: {
        source: '/proc/net/stat/nf_conntrack',
        perCpu: [expect.objectContaining({ drop: 2 }), expect.objectContaining({ drop: 0 })],
      },
    });
  });

  it('omits values that cannot be read', async () => {
    await rm(join(tree.root, 'proc/net/stat/nf_conntrack'));
    await rm(join(tree.root, 'proc/sys/kernel/random/boot_id'));
    await tree.write('/proc/sys/net/netfilter/nf_conntrack_count', 'many\n');
    expect(await table.sample()).toEqual({ max: 65_536, buckets: 16_384 });
  });

  it('reads neither the slab nor the entries, whose cost grows with the table', async () => {
    for (const path of ['proc/slabinfo', 'proc/net/nf_conntrack']) await rm(join(tree.root, path));
    expect(await table.sample()).toMatchObject({ count: 49, counters: {} });
  });
});

describe('rules that use conntrack', () => {
  const RELEASE = '/proc/sys/kernel/osrelease';
  const module = (name: string, uses: number, ...users: readonly string[]): string =>
    `${name} 200704 ${String(uses)} ${users.length === 0 ? '-' : `${users.join(',')},`} Live 0x0000000000000000\n`;

  it.each([
    ['nothing depends on the module', [module('nf_conntrack', 0)]],
    [
      'only unused modules depend on it',
      [module('nf_conntrack', 2, 'nft_ct', 'nf_conntrack_netlink'), module('nft_ct', 0), module('nf_conntrack_netlink', 0)],
    ],
    [
      'it is used through an unused module',
      [module('nf_conntrack', 1, 'nf_nat'), module('nf_nat', 1, 'nft_chain_nat'), module('nft_chain_nat', 0)],
    ],
  ])('do not exist if %s', async (_, lines) => {
    await tree.write(RELEASE, '6.1.0-13-amd64\n');
    await tree.write('/proc/modules', lines.join(''));
    expect(await table.ruleUse()).toBe('unused');
  });

  it.each([
    ['a rule uses a module that depends on it', [module('nf_conntrack', 1, 'nft_ct'), module('nft_ct', 3)]],
    ['something uses the module itself', [module('nf_conntrack', 1)]],
    ['the kernel does not count uses', ['nf_conntrack 200704 - - Live 0x0\n']],
    ['conntrack is built in', ['ext4 1 0 - Live 0x0\n']],
  ])('are unknown in a recorded tree where %s', async (_, lines) => {
    await tree.write(RELEASE, '6.1.0-13-amd64\n');
    await tree.write('/proc/modules', lines.join(''));
    expect(await table.ruleUse()).toEqual({ unknown: expect.stringContaining('not the running kernel') as string });
  });

  it('are not needed before Linux 4.10', async () => {
    await tree.write('/proc/modules', module('nf_conntrack', 0));
    await tree.write(RELEASE, '4.9.337\n');
    expect(await table.ruleUse()).toBe('used');
    await tree.write(RELEASE, '4.10.0\n');
    expect(await table.ruleUse()).toBe('unused');
  });
});

describe('the host context', () => {
  it('has the TCP sockets of both families and the interfaces of other datapaths', async () => {
    await tree.write('/proc/net/sockstat', 'sockets: used 214\nTCP: inuse 62 orphan 0 tw 9 alloc 70 mem 12\nUDP: inuse 5 mem 1\n');
    await tree.write('/proc/net/sockstat6', 'TCP6: inuse 8\nUDP6: inuse 3\n');
    await tree.write('/sys/class/net/cilium_host/operstate', 'up\n');
    expect(await table.hostContext()).toEqual({ tcpSockets: 70, datapaths: ['Cilium (network interface cilium_host)'] });
  });

  it('omits values that cannot be read', async () => {
    expect(await table.hostContext()).toEqual({ datapaths: [] });
  });

  it.each([
    ['0\n', 1],
    ['0-3\n', 4],
    ['0-3,5,8-11\n', 9],
    ['all\n', undefined],
  ])('counts the CPUs that are online: %j', async (text, processors) => {
    await tree.write('/sys/devices/system/cpu/online', text);
    expect((await table.facts()).processors).toBe(processors);
  });
});
