import { chmod, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { LiveSetting } from '../../../src/domain/setting.ts';
import { TableGate } from '../../../src/kernel/table-gate.ts';
import { ProcfsSettings } from '../../../src/kernel/procfs/procfs-settings.ts';
import { copyKernelTree, type KernelTree, type KernelTreeName } from '../../support/kernel-tree.ts';

const SYSCTL = '/proc/sys/net/netfilter/nf_conntrack_';
const LEGACY_SYSCTL = '/proc/sys/net/ipv4/netfilter/ip_conntrack_';
const HASHSIZE = '/sys/module/nf_conntrack/parameters/hashsize';

let tree: KernelTree;

async function over(name: KernelTreeName): Promise<ProcfsSettings> {
  tree = await copyKernelTree(name);
  return new ProcfsSettings(tree.root, new TableGate());
}

async function setting(settings: ProcfsSettings, name: string): Promise<LiveSetting | undefined> {
  return (await settings.read()).settings.find((candidate) => candidate.name === name);
}

afterEach(() => tree.remove());

describe('the settings of a modern kernel', () => {
  it('are all settings of the kernel by name, without the count', async () => {
    const { layout, bootId, settings } = await (await over('nf_conntrack')).read();
    const names = settings.map(({ name }) => name);
    expect({ layout, bootId }).toEqual({ layout: 'nf_conntrack', bootId: '8b6a1f0e-5c1d-4b0e-9a55-3d0c2f7f6a11' });
    expect(names).toHaveLength(40);
    expect(names).toEqual(names.toSorted());
    expect(names).toEqual(expect.arrayContaining(['max', 'buckets', 'tcp_timeout_established', 'sctp_timeout_heartbeat_sent']));
    expect(names).not.toContain('count');
  });

  it('have key, value, unit, range and scope', async () => {
    expect(await setting(await over('nf_conntrack'), 'max')).toMatchObject({
      key: 'net.netfilter.nf_conntrack_max',
      value: 65_536,
      unit: 'entries',
      maximum: 2_147_483_647,
      scope: 'host',
      writable: true,
    });
  });

  it('are listed anew at each read', async () => {
    const settings = await over('nf_conntrack');
    await tree.write(`${SYSCTL}brand_new_timeout`, '7\n');
    expect(await setting(settings, 'brand_new_timeout')).toMatchObject({ value: 7, unit: 'seconds' });
    await rm(join(tree.root, `${SYSCTL}brand_new_timeout`));
    expect(await setting(settings, 'brand_new_timeout')).toBeUndefined();
  });

  it.each(['', '\n', '0x20\n', '010\n', '300 400\n', '1.5\n', '99999999999999999999\n'])(
    'are listed with the reason if the value is malformed: %j',
    async (text) => {
      const settings = await over('nf_conntrack');
      await tree.write(`${SYSCTL}acct`, text);
      const found = await setting(settings, 'acct');
      expect(found).not.toHaveProperty('value');
      expect(found?.unreadable).toContain(`expected a decimal integer, found ${JSON.stringify(text)}`);
    },
  );

  it('are not writable if the file has no write bit', async () => {
    const settings = await over('nf_conntrack');
    await chmod(join(tree.root, `${SYSCTL}max`), 0o444);
    const found = await setting(settings, 'max');
    expect(found).toMatchObject({ value: 65_536, writable: false });
    expect(found?.notWritable).toMatch(/nf_conntrack_max cannot be written: its mode is 0444.*namespace/);
  });

  it('are read without changing a file', async () => {
    const settings = await over('nf_conntrack');
    const before = await stat(join(tree.root, `${SYSCTL}max`));
    await settings.read();
    expect(await stat(join(tree.root, `${SYSCTL}max`))).toMatchObject({ mtimeMs: before.mtimeMs, size: before.size });
  });
});

describe('writing a setting', () => {
  it('writes canonical decimal and returns the effective value', async () => {
    const settings = await over('nf_conntrack');
    expect(await settings.write('tcp_timeout_established', 8)).toBe(8);
    expect(await tree.read(`${SYSCTL}tcp_timeout_established`)).toBe('8\n');
  });

  it('accepts a negative number, so that a rollback can restore it', async () => {
    const settings = await over('nf_conntrack');
    expect(await settings.write('udp_timeout', -1)).toBe(-1);
    expect(await tree.read(`${SYSCTL}udp_timeout`)).toBe('-1\n');
  });

  it.each([1.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY, '010' as unknown as number])('refuses to write %o', async (value) => {
    const settings = await over('nf_conntrack');
    await expect(settings.write('udp_timeout', value)).rejects.toThrow(RangeError);
    expect(await tree.read(`${SYSCTL}udp_timeout`)).toBe('30\n');
  });

  it.each(['no_such_setting', 'count', '../../core/somaxconn', ''])('neither creates a file nor leaves the directory: %j', async (name) => {
    const settings = await over('nf_conntrack');
    const before = await readdir(tree.root, { recursive: true });
    await expect(settings.write(name, 1)).rejects.toMatchObject({ code: 'SETTING_NOT_FOUND' });
    expect(await readdir(tree.root, { recursive: true })).toEqual(before);
    expect(await tree.read(`${SYSCTL}count`)).toBe('49\n');
  });

  it('reports the error of the system with the path on the host', async () => {
    const settings = await over('nf_conntrack');
    await rm(join(tree.root, `${SYSCTL}acct`));
    await tree.write(`${SYSCTL}acct/inside`, '');
    await expect(settings.write('acct', 1)).rejects.toMatchObject({
      code: 'KERNEL_REFUSED',
      message: `${SYSCTL}acct cannot be written: illegal operation on a directory (EISDIR).`,
      details: { errno: 'EISDIR' },
    });
  });
});

describe('buckets', () => {
  it('use the module parameter if it exists, because the sysctl may show an old value', async () => {
    const settings = await over('nf_conntrack');
    expect(await settings.write('buckets', 32_768)).toBe(32_768);
    expect(await tree.read(HASHSIZE)).toBe('32768\n');
    expect(await tree.read(`${SYSCTL}buckets`)).toBe('16384\n');
    expect(await setting(settings, 'buckets')).toMatchObject({ value: 32_768, writable: true });
  });

  it('use the sysctl if the module parameter is missing or read-only', async () => {
    const settings = await over('nf_conntrack');
    await chmod(join(tree.root, HASHSIZE), 0o444);
    await settings.write('buckets', 20_480);
    await rm(join(tree.root, HASHSIZE));
    expect(await setting(settings, 'buckets')).toMatchObject({ value: 20_480, writable: true });
  });

  it('have the key of the module parameter if the kernel has no such sysctl', async () => {
    const settings = await over('nf_conntrack');
    await rm(join(tree.root, `${SYSCTL}buckets`));
    expect(await setting(settings, 'buckets')).toMatchObject({ key: 'nf_conntrack.hashsize', value: 16_384, writable: true });
  });

  it('are not writable in a child network namespace, and no write is attempted', async () => {
    const settings = await over('nf_conntrack');
    await rm(join(tree.root, '/proc/sys/net/nf_conntrack_max'));
    expect(await setting(settings, 'buckets')).toMatchObject({
      writable: false,
      notWritable: expect.stringContaining('child namespace') as unknown,
    });
    await expect(settings.write('buckets', 512)).rejects.toMatchObject({ code: 'KERNEL_REFUSED', details: { errno: 'EOPNOTSUPP' } });
    expect(await tree.read(HASHSIZE)).toBe('16384\n');
  });
});

describe('the settings of a legacy kernel', () => {
  it('have the old names and paths', async () => {
    const settings = await over('ip_conntrack');
    expect((await settings.read()).settings).toHaveLength(20);
    expect(await setting(settings, 'max')).toMatchObject({ key: 'net.ipv4.netfilter.ip_conntrack_max', value: 65_536 });
    expect(await settings.write('max', 131_072)).toBe(131_072);
    expect(await tree.read(`${LEGACY_SYSCTL}max`)).toBe('131072\n');
  });

  it('write buckets to the module parameter only, because the sysctl is read-only', async () => {
    const settings = await over('ip_conntrack');
    expect(await settings.write('buckets', 16_384)).toBe(16_384);
    expect(await tree.read(`${LEGACY_SYSCTL}buckets`)).toBe('8192\n');
    await rm(join(tree.root, '/sys/module/ip_conntrack/parameters/hashsize'));
    expect(await setting(settings, 'buckets')).toMatchObject({ value: 8_192, writable: false });
    await expect(settings.write('buckets', 16_384)).rejects.toMatchObject({ code: 'KERNEL_REFUSED' });
  });

  it('include max if only its older path exists', async () => {
    const settings = await over('ip_conntrack');
    await rm(join(tree.root, '/proc/sys/net/ipv4/netfilter'), { recursive: true });
    expect(await setting(settings, 'max')).toMatchObject({ key: 'net.ipv4.ip_conntrack_max', value: 65_536, writable: true });
    expect(await settings.write('max', 70_000)).toBe(70_000);
    expect(await tree.read('/proc/sys/net/ipv4/ip_conntrack_max')).toBe('70000\n');
  });
});

describe('the layout', () => {
  it('is missing if conntrack is not loaded, with the command that loads it', async () => {
    const settings = await over('not-loaded');
    const refusal = { code: 'CONNTRACK_NOT_LOADED', details: { remedy: expect.stringContaining('modprobe nf_conntrack') as string } };
    await expect(settings.read()).rejects.toMatchObject(refusal);
    await expect(settings.write('max', 1)).rejects.toMatchObject(refusal);
  });

  it('is detected again when the module is loaded or removed', async () => {
    const settings = await over('not-loaded');
    await tree.write(`${SYSCTL}max`, '262144\n');
    expect(await settings.read()).toMatchObject({ layout: 'nf_conntrack', settings: [{ name: 'max', value: 262_144 }] });
    await rename(join(tree.root, `${SYSCTL}max`), join(tree.root, '/gone'));
    await expect(settings.read()).rejects.toMatchObject({ code: 'CONNTRACK_NOT_LOADED' });
  });

  it.each([
    ['the settings of nf_defrag_ipv6', ['frag6_high_thresh', 'frag6_low_thresh', 'frag6_timeout'], false],
    ['one setting of its own', ['frag6_timeout', 'acct'], undefined],
  ])('with %s left, reports that the module is not loaded: %j %j', async (_what, left, isLoaded) => {
    const settings = await over('nf_conntrack');
    for (const path of ['proc/sys/net', 'proc/net', 'sys/module/nf_conntrack']) await rm(join(tree.root, path), { recursive: true });
    for (const name of left) await tree.write(`${SYSCTL}${name}`, '1\n');
    expect((await settings.readIfLoaded()).isLoaded).toBe(isLoaded);
    if (isLoaded === false) await expect(settings.read()).rejects.toMatchObject({ code: 'CONNTRACK_NOT_LOADED' });
  });

  it('is the modern one if both exist', async () => {
    const settings = await over('ip_conntrack');
    await tree.write(`${SYSCTL}max`, '1\n');
    expect((await settings.read()).layout).toBe('nf_conntrack');
  });
});
