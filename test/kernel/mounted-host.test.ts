import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { copyKernelTree, type KernelTree } from '../support/kernel-tree.ts';
import type { ProblemAnswer } from './support/answers.ts';
import { Home } from './support/home.ts';
import { makeEntries } from './support/made-entries.ts';
import { MountedHost } from './support/mounted-host.ts';
import { host, NetworkNamespace } from './support/network-namespace.ts';
import { Service } from './support/service.ts';

let namespace: NetworkNamespace;
let home: Home;
let token: string;
let mounted: MountedHost;
let service: Service | undefined;

beforeAll(async () => {
  namespace = await NetworkNamespace.create('mounted');
});

afterAll(() => namespace.delete());

beforeEach(async () => {
  home = await Home.create();
  token = await home.createToken();
});

afterEach(async () => {
  await service?.stop();
  service = undefined;
  await mounted.remove();
  await home.remove();
});

async function serve(): Promise<Service> {
  // In the mount namespace of the test, where the host is mounted. It writes below its root only.
  const { dataDir } = home;
  const here: Pick<Home, 'dataDir' | 'wrap'> = { dataDir, wrap: (_, command) => ['setpriv', '--pdeathsig', 'KILL', '--', ...command] };
  service = await Service.start(host, here, token, 0, ['--root', mounted.root, '--root-is-host', '--sample-seconds', '0']);
  return service;
}

describe('an old host whose root is mounted with sshfs', () => {
  let tree: KernelTree;

  beforeEach(async () => {
    tree = await copyKernelTree('ip_conntrack');
    await tree.write('/proc/sys/kernel/osrelease', '2.6.9-89.EL\n');
    mounted = await MountedHost.create(namespace.name, tree.root);
  });

  afterEach(() => tree.remove());

  it('is read, dumped, changed, persisted and rolled back as a real host', async () => {
    const before = { sysctl: await tree.read('/etc/sysctl.conf'), modprobe: await tree.read('/etc/modprobe.conf') };
    await mounted.mount();
    const { request } = bound(await serve());
    const table = await request('GET', '/table');
    expect(table.body).toMatchObject({ layout: 'ip_conntrack', count: 7, max: 65_536, buckets: 8_192 });
    expect(table.body).not.toHaveProperty('simulated');
    expect((await request('GET', '/entries')).body).toMatchObject({ summary: { outcome: 'complete', entries: 7 } });

    const change = await request('PATCH', '/settings', { settings: { max: 131_072, buckets: 16_384 }, persist: true });
    expect(change).toMatchObject({ status: 200, body: { outcome: 'applied' } });
    expect(await tree.read('/proc/sys/net/ipv4/netfilter/ip_conntrack_max')).toBe('131072\n');
    expect(await tree.read('/sys/module/ip_conntrack/parameters/hashsize')).toBe('16384\n');
    expect(await tree.read('/etc/sysctl.conf')).toBe(`${before.sysctl}\nnet.ipv4.netfilter.ip_conntrack_max = 131072`);
    expect(await tree.read('/etc/modprobe.conf')).toBe(`${before.modprobe}options ip_conntrack hashsize=16384\n`);

    expect((await request('POST', '/changes/1/rollback', {})).body).toMatchObject({ outcome: 'applied' });
    expect(await tree.read('/proc/sys/net/ipv4/netfilter/ip_conntrack_max')).toBe('65536\n');
    expect(await tree.read('/etc/sysctl.conf')).toBe(before.sysctl);
    expect(await tree.read('/etc/modprobe.conf')).toBe(before.modprobe);
  });

  it('refuses with the reason what needs the kernel of the service', async () => {
    await mounted.mount();
    const { request } = bound(await serve());
    for (const [method, path] of [
      ['GET', '/events'],
      ['DELETE', '/entries/04010a000008c0000201080004d2030000'],
      ['GET', '/table?namespace=blue'],
    ] as const) {
      const { status, body } = await request<ProblemAnswer>(method, path);
      expect({ path, status }).toEqual({ path, status: path.includes('namespace') ? 403 : 501 });
      expect(body.remedy).toBeTruthy();
    }
  });

  it('is unreadable while the connection is lost, and readable again after it is mounted again', async () => {
    await mounted.mount();
    const { request } = bound(await serve());
    await mounted.disconnect();
    expect(await request('GET', '/settings')).toMatchObject({ status: 503, body: { code: 'KERNEL_UNREADABLE', errno: 'ENOTCONN' } });
    expect((await request('PATCH', '/settings', { settings: { udp_timeout: 40 } })).status).toBe(503);
    await mounted.unmount();
    await mounted.mount();
    expect((await request('GET', '/settings')).status).toBe(200);
    expect((await request('PATCH', '/settings', { settings: { udp_timeout: 40 } })).body).toMatchObject({ outcome: 'applied' });
  });

  it('prevents the start if it is not mounted', async () => {
    await expect(serve()).rejects.toThrow(/no host is mounted at .*\/mounted .*sshfs -o direct_io/);
  });
});

describe('the files of a real kernel, mounted with sshfs', () => {
  beforeEach(async () => {
    mounted = await MountedHost.create(namespace.name, '/');
  });

  it('are read and written although the kernel gives them no size', async () => {
    await makeEntries(namespace, 30);
    const before = await namespace.readSysctl('udp_timeout');
    await mounted.mount();
    const { request } = bound(await serve());
    const [{ body }, count] = [
      await request<{ count: number; layout: string }>('GET', '/table'),
      Number(await namespace.run('conntrack', ['-C'])),
    ];
    expect(body).toMatchObject({ layout: 'nf_conntrack', count });
    // `lossy` if the text has grown between the read of its end and the next one, which returns the rest of a line then.
    const summary = async (): Promise<object> => (await request<{ summary: object }>('GET', '/entries')).body.summary;
    await expect
      .poll(summary, { timeout: 60_000 })
      .toMatchObject({ outcome: 'complete', source: '/proc/net/nf_conntrack', scanned: count, unparsed: 0 });

    expect((await request('PATCH', '/settings', { settings: { udp_timeout: before + 7 } })).body).toMatchObject({ outcome: 'applied' });
    expect(await namespace.readSysctl('udp_timeout')).toBe(before + 7);
    expect((await request('POST', '/changes/1/rollback', {})).body).toMatchObject({ outcome: 'applied' });
    expect(await namespace.readSysctl('udp_timeout')).toBe(before);
  });

  it('prevent the start without direct_io, because they would look empty', async () => {
    await mounted.mount('sshfs_sync,dir_cache=no');
    expect(await readFile(join(mounted.root, '/proc/sys/kernel/osrelease'), 'utf8')).toBe('');
    await expect(serve()).rejects.toThrow(/look empty, .*direct_io/);
  });
});

function bound(of: Service) {
  return {
    request: <Body = unknown>(method: string, path: string, body?: object) =>
      of.request<Body>(method, path, body === undefined ? {} : { body }),
  };
}
