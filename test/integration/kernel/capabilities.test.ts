import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Capability } from '../../../src/domain/capabilities.ts';
import { ProcfsCapabilities } from '../../../src/kernel/procfs/procfs-capabilities.ts';
import { copyKernelTree, type KernelTree, type KernelTreeName } from '../../support/kernel-tree.ts';

const SYSCTL = '/proc/sys/net/netfilter';

let tree: KernelTree;

async function over(name: KernelTreeName): Promise<ProcfsCapabilities> {
  tree = await copyKernelTree(name);
  return new ProcfsCapabilities(tree.root);
}

const remove = (path: string): Promise<void> => rm(join(tree.root, path), { recursive: true });

async function capability(capabilities: ProcfsCapabilities, name: string): Promise<Capability | undefined> {
  return (await capabilities.read()).capabilities.find((candidate) => candidate.name === name);
}

afterEach(() => tree.remove());

describe('capabilities', () => {
  it.each([
    [
      'nf_conntrack',
      {
        'table.count': 'netfilter/nf_conntrack_count',
        'table.object-size': 'slabinfo',
        counters: 'stat/nf_conntrack',
        entries: 'net/nf_conntrack',
        'settings.write': 'net/netfilter',
        'buckets.write': 'nf_conntrack/parameters/hashsize',
      },
    ],
    [
      'ip_conntrack',
      {
        'table.count': 'netfilter/ip_conntrack_count',
        'table.object-size': 'log/dmesg',
        counters: 'stat/ip_conntrack',
        entries: 'net/ip_conntrack',
        'settings.write': 'ipv4/netfilter',
        'buckets.write': 'ip_conntrack/parameters/hashsize',
      },
    ],
  ] as const)('of %s name the file each thing is done through', async (name, ways) => {
    const found = await (await over(name)).read();
    expect(found).toMatchObject({ layout: name, builtIn: false, namespace: 'initial' });
    const available = found.capabilities.filter((each) => each.available);
    expect(available.map((each) => each.name)).toEqual(Object.keys(ways));
    for (const [index, way] of Object.values(ways).entries()) {
      expect(available[index]?.via).toMatch(new RegExp(`^/.*${way}$`));
    }
  });

  it.each(['entries.filter', 'entries.delete', 'events'])(
    'have no %s over another kernel tree, and say that it needs the running kernel',
    async (name) => {
      expect(await capability(await over('nf_conntrack'), name)).toEqual({
        name,
        available: false,
        reason: 'ctnetlink is of the running kernel, and the kernel tree shown here is another.',
      });
    },
  );

  it('tell how other namespaces are enabled', async () => {
    expect(await capability(await over('nf_conntrack'), 'namespaces')).toMatchObject({
      available: false,
      remedy: expect.stringContaining('--namespaces') as unknown,
    });
  });

  it('say without an error that connection tracking is not loaded, and how to load it', async () => {
    const found = await (await over('not-loaded')).read();
    expect(found).not.toHaveProperty('layout');
    expect(found.capabilities).toHaveLength(10);
    for (const each of found.capabilities) expect(each).toMatchObject({ available: false, remedy: 'modprobe nf_conntrack' });
  });

  it.each(['/proc/net/nf_conntrack', '/proc/net/stat/nf_conntrack'])('tell why there is no %s', async (path) => {
    const capabilities = await over('nf_conntrack');
    await remove(path);
    expect(await capability(capabilities, path.includes('stat') ? 'counters' : 'entries')).toMatchObject({
      available: false,
      reason: expect.stringContaining(`${path} cannot be read: no such file or directory (ENOENT).`) as unknown,
      remedy: expect.stringContaining('CONFIG_NF_CONNTRACK_PROCFS') as unknown,
    });
  });

  it('know a child network namespace, where the table cannot be resized', async () => {
    const capabilities = await over('nf_conntrack');
    await remove('/proc/sys/net/nf_conntrack_max');
    expect((await capabilities.read()).namespace).toBe('child');
    expect(await capability(capabilities, 'buckets.write')).toMatchObject({
      available: false,
      reason: expect.stringContaining('child namespace') as unknown,
    });
    expect(await capability(capabilities, 'settings.write')).toMatchObject({ available: true });
  });

  it('do not promise to write settings where none can be written', async () => {
    const capabilities = await over('nf_conntrack');
    for (const file of await readdir(join(tree.root, SYSCTL))) await chmod(join(tree.root, SYSCTL, file), 0o444);
    expect(await capability(capabilities, 'settings.write')).toMatchObject({
      available: false,
      reason: expect.stringContaining('0444') as unknown,
    });
  });
});

describe('how connection tracking came into the kernel', () => {
  it('is built in where it is in /sys/module and in no list of modules', async () => {
    const capabilities = await over('nf_conntrack');
    await tree.write('/proc/modules', 'nf_conntrack_netlink 57344 0 - Live 0x0\n');
    expect((await capabilities.read()).builtIn).toBe(true);
  });

  it('is built in where the kernel has no modules at all', async () => {
    const capabilities = await over('nf_conntrack');
    await remove('/proc/modules');
    expect((await capabilities.read()).builtIn).toBe(true);
  });

  it('is unknown where neither says so', async () => {
    const capabilities = await over('nf_conntrack');
    await tree.write('/proc/modules', '');
    await remove('/sys/module');
    expect((await capabilities.read()).builtIn).toBeNull();
  });
});
