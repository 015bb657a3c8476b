import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ProcfsTable } from '../../../src/kernel/procfs/procfs-table.ts';
import { copyKernelTree, type KernelTree, type KernelTreeName } from '../../support/kernel-tree.ts';

const SLABINFO = '/proc/slabinfo';
const LOG_LINE = 'ip_conntrack version 2.4 (8192 buckets, 65536 max) - 304 bytes per conntrack\n';

let tree: KernelTree;

async function over(name: KernelTreeName): Promise<ProcfsTable> {
  tree = await copyKernelTree(name);
  return new ProcfsTable(tree.root);
}

const remove = (path: string): Promise<void> => rm(join(tree.root, path));

afterEach(() => tree.remove());

describe('the table', () => {
  it('of a modern kernel has count, max, buckets and the object size of the slab list', async () => {
    expect(await (await over('nf_conntrack')).read()).toEqual({
      layout: 'nf_conntrack',
      count: 49,
      max: 65_536,
      buckets: 16_384,
      object: { bytes: 256, active: 192, source: SLABINFO },
      host: { total: 49, basis: 'slab', elsewhere: 0, namespaces: [], notRead: expect.stringContaining('not enabled') as string },
      unavailable: [],
    });
  });

  it('of a legacy kernel has the object size from the kernel log', async () => {
    expect(await (await over('ip_conntrack')).read()).toEqual({
      layout: 'ip_conntrack',
      count: 7,
      max: 65_536,
      buckets: 8_192,
      object: { bytes: 304, source: '/var/log/dmesg' },
      host: { total: 7, basis: 'count', elsewhere: 0, namespaces: [] },
      unavailable: [],
    });
  });

  it('is refused if nf_conntrack is not loaded', async () => {
    const table = await over('not-loaded');
    await expect(table.read()).rejects.toMatchObject({ code: 'CONNTRACK_NOT_LOADED' });
    await expect(table.counters()).rejects.toMatchObject({ code: 'CONNTRACK_NOT_LOADED' });
  });

  it('is refused for another network namespace unless this is enabled', async () => {
    const table = await over('nf_conntrack');
    await expect(table.read({ namespace: 'blue' })).rejects.toMatchObject({ code: 'NAMESPACES_DISABLED' });
    await expect(table.counters({ namespace: 'blue' })).rejects.toMatchObject({ code: 'NAMESPACES_DISABLED' });
  });

  it('has the entries of all network namespaces from the slab list, or else from the slab directory', async () => {
    const table = await over('nf_conntrack');
    await tree.write(SLABINFO, 'nf_conntrack      150016 150016    256   16    1 : tunables\n');
    expect((await table.read()).host).toMatchObject({ total: 150_016, basis: 'slab', elsewhere: 149_967 });

    await remove(SLABINFO);
    await tree.write('/sys/kernel/slab/nf_conntrack/object_size', '256\n');
    await tree.write('/sys/kernel/slab/nf_conntrack/objects', '90017 N0=90000 N1=17\n');
    expect((await table.read()).host).toMatchObject({ total: 90_017, basis: 'slab' });
  });

  it('omits what needs the entries of all network namespaces where nothing counts them, with the reason', async () => {
    const table = await over('nf_conntrack');
    await remove(SLABINFO);
    const { host, unavailable } = await table.read();
    expect(host).toEqual({ namespaces: [], notRead: expect.any(String) as string });
    for (const field of ['hostEntries', 'averageChainLength', 'entriesPerBucket']) {
      expect(unavailable).toContainEqual(
        expect.objectContaining({
          field,
          code: 'ABSENT',
          detail: expect.stringContaining(SLABINFO) as string,
          remedy: expect.stringContaining('--namespaces') as string,
        }),
      );
    }
  });

  it('omits values that cannot be read, with the reason', async () => {
    const table = await over('nf_conntrack');
    await remove('/proc/sys/net/netfilter/nf_conntrack_count');
    await mkdir(join(tree.root, '/proc/sys/net/netfilter/nf_conntrack_count'));
    await remove('/sys/module/nf_conntrack/parameters/hashsize');
    await remove('/proc/sys/net/netfilter/nf_conntrack_buckets');
    const { unavailable, ...reading } = await table.read();
    expect(reading).not.toHaveProperty('count');
    expect(reading).not.toHaveProperty('buckets');
    expect(reading).toMatchObject({ max: 65_536 });
    expect(unavailable).toMatchObject([
      { field: 'count', code: 'EISDIR', detail: expect.stringContaining('/proc/sys/net/netfilter/nf_conntrack_count') as unknown },
      { field: 'buckets', code: 'ABSENT', remedy: expect.any(String) as unknown },
    ]);
  });
});

describe('the object size', () => {
  it('counts the objects of all caches of an older kernel, which has one per network namespace', async () => {
    const table = await over('nf_conntrack');
    const cache = (name: string, active: number): string =>
      `${name.padEnd(18)} ${String(active)} 400 304 26 2 : tunables 0 0 0 : slabdata 0 0 0\n`;
    await tree.write(SLABINFO, cache('nf_conntrack_expect', 9) + cache('nf_conntrack_ffffffff81cb2d40', 100) + cache('nf_conntrack_1', 20));
    expect((await table.read()).object).toEqual({ bytes: 304, active: 120, source: SLABINFO });
  });

  it('has no count of objects if it comes from the slab directory', async () => {
    const table = await over('nf_conntrack');
    await remove(SLABINFO);
    await tree.write('/sys/kernel/slab/nf_conntrack/object_size', '256\n');
    expect((await table.read()).object).toEqual({ bytes: 256, source: '/sys/kernel/slab/nf_conntrack/object_size' });
  });

  it('includes the alignment, as in the slab list, and comes with the number of objects of that cache', async () => {
    const table = await over('nf_conntrack');
    const directory = '/sys/kernel/slab/nf_conntrack';
    await tree.write(`${directory}/object_size`, '248\n');
    await tree.write(`${directory}/slab_size`, '256\n');
    await tree.write(`${directory}/objects`, '240032 N0=240000 N1=32\n');
    expect((await table.read()).object).toEqual({ bytes: 256, active: 240_032, source: `${directory}/slab_size` });
  });

  it.each(['/var/log/kern.log', '/var/log/messages'])('is read from the last matching line of %s', async (path) => {
    const table = await over('ip_conntrack');
    await remove('/var/log/dmesg');
    await tree.write(
      path,
      `${LOG_LINE.replace('304', '208')}${'Oct  1 host kernel: other\n'.repeat(10)}Oct  2 host kernel: ${LOG_LINE}last line\n`,
    );
    expect((await table.read()).object).toEqual({ bytes: 304, source: path });
  });

  it('is searched in the last MiB of a log only', async () => {
    const table = await over('ip_conntrack');
    const padding = `${'x'.repeat(1_023)}\n`;
    await tree.write('/var/log/dmesg', LOG_LINE + padding.repeat(1_024));
    expect(await table.read()).not.toHaveProperty('object');
    await tree.write('/var/log/dmesg', padding.repeat(5_000) + LOG_LINE);
    expect((await table.read()).object?.bytes).toBe(304);
  });

  it('is absent if no source has it, with the reason for each source', async () => {
    const table = await over('ip_conntrack');
    await tree.write('/var/log/dmesg', 'nothing of interest\n');
    const { unavailable, ...reading } = await table.read();
    expect(reading).not.toHaveProperty('object');
    expect(unavailable.map(({ field, code }) => ({ field, code }))).toEqual(Array(5).fill({ field: 'memory.objectBytes', code: 'ABSENT' }));
    expect(unavailable.map(({ detail }) => detail).join()).toMatch(/object_size.*slabinfo.*dmesg.*kern\.log.*messages/);
  });
});

describe('the counters', () => {
  it('of a modern kernel are listed per CPU by column name', async () => {
    const { source, perCpu } = await (await over('nf_conntrack')).counters();
    expect(source).toBe('/proc/net/stat/nf_conntrack');
    expect(perCpu).toHaveLength(2);
    expect(perCpu[0]).toMatchObject({
      clashres: 3,
      found: 17,
      invalid: 420,
      insert_failed: 5,
      drop: 2,
      early_drop: 7,
      icmp_error: 4,
      search_restart: 9,
    });
    expect(perCpu[0]).not.toHaveProperty('entries');
    expect(perCpu[1]).toMatchObject({ invalid: 0xffff_fff0 });
  });

  it('of a legacy kernel have its columns', async () => {
    const { perCpu } = await (await over('ip_conntrack')).counters();
    expect(perCpu[0]).toMatchObject({ searched: 0x1a2f0, delete_list: 0x2b10 });
    expect(perCpu[0]).not.toHaveProperty('clashres');
  });

  it('are refused with the reason if the kernel has no such file', async () => {
    const table = await over('nf_conntrack');
    await remove('/proc/net/stat/nf_conntrack');
    await expect(table.counters()).rejects.toMatchObject({
      code: 'KERNEL_UNREADABLE',
      details: { errno: 'ENOENT', remedy: expect.stringContaining('CONFIG_NF_CONNTRACK_PROCFS') as unknown },
    });
  });
});
