import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BootDto } from '../../src/http/boot/boot.dto.ts';
import type { ChangeAnswer } from './support/answers.ts';
import { Home } from './support/home.ts';
import { host, NetworkNamespace } from './support/network-namespace.ts';
import { Service } from './support/service.ts';

const SYSCTL_FILE = '/etc/sysctl.d/99-zz-conntrack-api.conf';

/** Timeouts that NetworkNamespace does not set. */
const UNTOUCHED = /^(tcp_timeout_(?!time_wait)|sctp_timeout_|gre_timeout|generic_timeout)/;

let home: Home;
let service: Service;

beforeAll(async () => {
  home = await Home.create();
  service = await Service.start(host, home, await home.createToken());
});

afterAll(async () => {
  await service.stop();
  await home.remove();
});

async function boot(): Promise<BootDto> {
  const { status, body } = await service.request<BootDto>('GET', '/boot');
  expect(status).toBe(200);
  return body;
}

async function done(method: string, path: string, body: object): Promise<ChangeAnswer> {
  const response = await service.request<ChangeAnswer>(method, path, { body });
  expect(response).toMatchObject({ status: 200 });
  return response.body;
}

const udpTimeout = async (): Promise<BootDto['settings'][number] | undefined> =>
  (await boot()).settings.find(({ name }) => name === 'udp_timeout');

describe('the preview of the next boot of this machine', () => {
  it('knows the defaults of this kernel, which an unchanged network namespace has', async () => {
    const { settings } = await boot();
    const untouched = await NetworkNamespace.create('untouched');
    try {
      const defaults = settings.filter(
        ({ name, origin, value }) => origin === 'kernel-default' && value !== undefined && UNTOUCHED.test(name),
      );
      expect(defaults.length).toBeGreaterThan(10);
      for (const { name, value } of defaults) expect([name, await untouched.readSysctl(name)]).toEqual([name, value]);
    } finally {
      await untouched.delete();
    }
  });

  it('reports what a reboot would revert, then this service’s boot file as the effective source, then nothing again', async () => {
    const before = await host.readSysctl('udp_timeout');
    const changed = await done('PATCH', '/settings', { settings: { udp_timeout: before + 1 } });
    try {
      expect((await boot()).differences).toContainEqual({ name: 'udp_timeout', live: before + 1, atNextBoot: before });

      await done('PATCH', '/settings', { settings: { udp_timeout: before + 1 }, persist: true });
      const held = await udpTimeout();
      expect(held).toMatchObject({ value: before + 1, origin: 'file', effective: { path: SYSCTL_FILE } });
      expect(held?.effective?.text).toBe(`net.netfilter.nf_conntrack_udp_timeout = ${before + 1}`);
      expect((await boot()).differences).toEqual([]);

      await done('POST', '/settings/unpersist', { reason: 'kernel test' });
      expect(await udpTimeout()).toMatchObject({ value: before, origin: 'kernel-default' });
    } finally {
      await done('POST', `/changes/${changed.id}/rollback`, { force: true });
    }
    expect(await host.readSysctl('udp_timeout')).toBe(before);
  });
});
