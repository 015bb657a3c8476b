import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLAIN_TERMS, type ChangeTerms } from '../../src/application/change/change-terms.ts';
import { ProcfsTable } from '../../src/kernel/procfs/procfs-table.ts';
import { KernelWorker } from '../../src/kernel/worker/kernel-worker.ts';
import { CALLER, openApp, type App } from '../support/app.ts';

const ALIAS = 'proc/sys/net/ipv4/ip_conntrack_max';
const TERMS: ChangeTerms = { ...PLAIN_TERMS, acknowledge: ['CHAIN_LENGTH', 'LOST_AT_BOOT'] };

let app: App;
beforeEach(async () => {
  app = await openApp('ip_conntrack');
});
afterEach(() => app.close());

const without = async (...paths: readonly string[]): Promise<void> => {
  for (const path of paths) await rm(join(app.tree.root, path), { recursive: true });
};
const sysctlConf = (): Promise<string> => app.tree.read('etc/sysctl.conf');

describe('a kernel that has only ip_conntrack_max', () => {
  beforeEach(() => without('proc/sys/net/ipv4/netfilter', 'sys/module', 'proc/net', 'var/log'));

  it('persists max under the name that it has, also at confirmation, and rolls back every byte', async () => {
    const before = await sysctlConf();
    const modprobe = await app.tree.read('etc/modprobe.conf');
    const change = { settings: { max: 70_000 }, persist: true, reason: null };
    expect(await app.change.run(CALLER, change, TERMS)).toMatchObject({
      outcome: 'applied',
      settings: [{ name: 'max', requested: 70_000 }],
    });
    expect(Number(await app.tree.read(ALIAS))).toBe(70_000);
    expect((await sysctlConf()).trimEnd().split('\n').at(-1)).toBe('net.ipv4.ip_conntrack_max = 70000');

    const { id } = await app.change.run(CALLER, { ...change, settings: { max: 71_000 } }, { ...TERMS, confirmWithinSeconds: 60 });
    expect(await app.confirm.run(CALLER, id, null, TERMS)).toMatchObject({ outcome: 'applied' });
    expect(await app.bootFiles.persisted('ip_conntrack')).toMatchObject({ max: 71_000 });

    for (const undone of [id, 1]) await app.rollBack.run(CALLER, { what: 'change', id: undone, force: false, reason: null }, TERMS);
    expect([await sysctlConf(), await app.tree.read('etc/modprobe.conf')]).toEqual([before, modprobe]);
  });

  it('has no count and no buckets, with the reasons', async () => {
    const { max, unavailable, ...rest } = await new ProcfsTable(app.tree.root).read();
    expect(max).toBe(65_536);
    expect(rest).not.toHaveProperty('count');
    expect(rest).not.toHaveProperty('buckets');
    expect(unavailable).toEqual(
      expect.arrayContaining(['count', 'buckets'].map((field) => expect.objectContaining({ field, code: 'ABSENT' }) as object)),
    );
  });
});

describe('a kernel without max', () => {
  it('refuses to persist buckets alone, which would set max', async () => {
    await without('proc/sys/net/ipv4/netfilter/ip_conntrack_max', ALIAS);
    const request = { settings: { buckets: 16_384 }, persist: true, reason: null };
    await expect(app.change.preview(request)).rejects.toMatchObject({
      code: 'KERNEL_UNREADABLE',
      message: expect.stringContaining('8 x') as string,
    });
    await expect(app.change.run(CALLER, request, TERMS)).rejects.toMatchObject({ code: 'KERNEL_UNREADABLE' });
  });
});

describe('a kernel without its own files for the numbers of the table', () => {
  it('takes the count from the entries, and max and buckets from the kernel log', async () => {
    await without('proc/sys/net/ipv4/netfilter', ALIAS, 'sys/module');
    const worker = new KernelWorker();
    try {
      const { count, max, buckets, sources } = await new ProcfsTable(app.tree.root, undefined, worker).read();
      const lines = (await app.tree.read('proc/net/ip_conntrack')).trimEnd().split('\n').length;
      expect({ count, max, buckets }).toEqual({ count: lines, max: 65_536, buckets: 8_192 });
      expect(sources).toEqual({ count: '/proc/net/ip_conntrack', max: '/var/log/dmesg', buckets: '/var/log/dmesg' });
    } finally {
      await worker.close();
    }
  });

  it('counts its entries once for all readers', async () => {
    await without('proc/sys/net/ipv4/netfilter/ip_conntrack_count');
    await app.tree.write('proc/net/ip_conntrack', 'udp      17 20 src=10.0.0.7\n'.repeat(150_000));
    const worker = new KernelWorker();
    try {
      const table = new ProcfsTable(app.tree.root, undefined, worker);
      expect((await table.read()).count).toBe(150_000);
      await app.tree.write('proc/net/ip_conntrack', '');
      expect((await table.read()).count).toBe(150_000);
    } finally {
      await worker.close();
    }
  });
});
