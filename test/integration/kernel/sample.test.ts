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
