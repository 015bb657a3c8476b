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

describe('the capabilities of a host', () => {
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
  ] as const)('of %s name the file behind each capability', async (name, files) => {
    const found = await (await over(name)).read();
    expect(found).toMatchObject({ layout: name, builtIn: false, namespace: 'initial' });
    const available = found.capabilities.filter((each) => each.available);
    expect(available.map((each) => each.name)).toEqual(Object.keys(files));
    for (const [index, file] of Object.values(files).entries()) {
      expect(available[index]?.via).toMatch(new RegExp(`^/.*${file}$`));
    }
  });

  it.each(['entries.filter', 'entries.delete', 'entries.end', 'entries.update', 'events'])(
    'do not include %s for another kernel tree, because it needs the running kernel',
    async (name) => {
      expect(await capability(await over('nf_conntrack'), name)).toEqual({
        name,
        available: false,
        reason: 'ctnetlink reaches only the kernel that runs this service, and --root shows another one.',
      });
    },
  );

  it('name the option that enables other network namespaces', async () => {
    expect(await capability(await over('nf_conntrack'), 'namespaces')).toMatchObject({
      available: false,
      remedy: expect.stringContaining('--namespaces') as unknown,
    });
  });

  it('include entries and counters in a user namespace of Linux 4.x, which hides all settings', async () => {
    const capabilities = await over('nf_conntrack');
    await remove(SYSCTL);
    await remove('/proc/sys/net/nf_conntrack_max');
    expect(await capabilities.read()).toMatchObject({ layout: 'nf_conntrack', namespace: 'child' });
    for (const name of ['entries', 'counters']) expect(await capability(capabilities, name)).toMatchObject({ available: true });
    expect(await capability(capabilities, 'settings.write')).toMatchObject({
      available: false,
      reason: expect.stringContaining('Kernels before 5.12 hide them in a child user namespace') as unknown,
    });
  });

  it.each(['/proc/net/nf_conntrack', '/proc/net/stat/nf_conntrack', '/sys/module/nf_conntrack/parameters/hashsize'])(
    'are those of a loaded module if only %s shows it',
    async (path) => {
      const capabilities = await over('not-loaded');
      expect(await capabilities.read()).not.toHaveProperty('layout');
      await tree.write(path, '');
      expect(await capabilities.read()).toMatchObject({ layout: 'nf_conntrack' });
    },
  );

  it('are all unavailable if nf_conntrack is not loaded, with the command that loads it', async () => {
    const found = await (await over('not-loaded')).read();
    expect(found).not.toHaveProperty('layout');
    expect(found.capabilities).toHaveLength(12);
    for (const each of found.capabilities)
      expect(each).toMatchObject({ available: false, remedy: expect.stringContaining('modprobe nf_conntrack') as unknown });
  });

  it.each(['/proc/net/nf_conntrack', '/proc/net/stat/nf_conntrack'])('give the reason if %s is missing', async (path) => {
    const capabilities = await over('nf_conntrack');
    await remove(path);
    expect(await capability(capabilities, path.includes('stat') ? 'counters' : 'entries')).toMatchObject({
      available: false,
      reason: expect.stringContaining(`${path} cannot be read: no such file or directory (ENOENT).`) as unknown,
      remedy: expect.stringContaining('CONFIG_NF_CONNTRACK_PROCFS') as unknown,
    });
  });

  it('do not include resizing the table in a child network namespace', async () => {
    const capabilities = await over('nf_conntrack');
    await remove('/proc/sys/net/nf_conntrack_max');
    expect((await capabilities.read()).namespace).toBe('child');
    expect(await capability(capabilities, 'buckets.write')).toMatchObject({
      available: false,
      reason: expect.stringContaining('child namespace') as unknown,
    });
    expect(await capability(capabilities, 'settings.write')).toMatchObject({ available: true });
  });

  it('do not include writing settings if no setting is writable', async () => {
    const capabilities = await over('nf_conntrack');
    for (const file of await readdir(join(tree.root, SYSCTL))) await chmod(join(tree.root, SYSCTL, file), 0o444);
    expect(await capability(capabilities, 'settings.write')).toMatchObject({
      available: false,
      reason: expect.stringContaining('0444') as unknown,
    });
  });
});

describe('builtIn', () => {
  it('is true if nf_conntrack is in /sys/module and not in /proc/modules', async () => {
    const capabilities = await over('nf_conntrack');
    await tree.write('/proc/modules', 'nf_conntrack_netlink 57344 0 - Live 0x0\n');
    expect((await capabilities.read()).builtIn).toBe(true);
  });

  it('is true if the kernel does not support modules', async () => {
    const capabilities = await over('nf_conntrack');
    await remove('/proc/modules');
    expect((await capabilities.read()).builtIn).toBe(true);
  });

  it('is null if neither file lists it', async () => {
    const capabilities = await over('nf_conntrack');
    await tree.write('/proc/modules', '');
    await remove('/sys/module');
    expect((await capabilities.read()).builtIn).toBeNull();
  });
});
