import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Home } from './support/home.ts';
import { host } from './support/network-namespace.ts';
import { Service } from './support/service.ts';

interface Status {
  readonly settings: readonly { readonly state: string; readonly reason: string; readonly restores: readonly { readonly by: string }[] }[];
}

/** Another program sets it; more than the entries of this machine. */
const OTHER = 200_000;
const WITHIN = { timeout: 30_000, interval: 200 };

let home: Home;
let service: Service;
let before: number;
let desired: number;

beforeAll(async () => {
  home = await Home.create();
  service = await Service.start(host, home, await home.createToken());
  before = await host.readSysctl('max');
  desired = OTHER + 1_000;
});
afterAll(async () => {
  await host.writeSysctl('max', before);
  await service.stop();
  await home.remove();
});

async function status(): Promise<Status['settings'][number]> {
  const { body } = await service.request<Status>('GET', '/desired/status');
  if (!body.settings[0]) throw new Error('Expected the status of max.');
  return body.settings[0];
}

const waitForMax = (value: number): Promise<boolean> => vi.waitUntil(async () => (await host.readSysctl('max')) === value, WITHIN);

it('keeps max although a program writes it back, twice, then leaves it and names the writer', async () => {
  await mkdir(join(home.etc, 'sysctl.d'), { recursive: true });
  await writeFile(join(home.etc, 'sysctl.d/90-appliance.conf'), `net.netfilter.nf_conntrack_max = ${OTHER}\n`);
  await host.writeSysctl('max', OTHER);
  const body = { settings: { max: { atLeast: desired } }, onDrift: 'restore' };
  expect(await service.request('PUT', '/desired', { body })).toMatchObject({ status: 200 });
  await waitForMax(desired);
  for (let restores = 1; restores <= 2; restores += 1) {
    await host.writeSysctl('max', OTHER);
    await waitForMax(desired);
    expect(await status()).toMatchObject({ state: 'met' });
  }
  await host.writeSysctl('max', OTHER);
  await vi.waitFor(async () => {
    expect(await status()).toMatchObject({ state: 'CONTESTED', restores: [{}, {}] });
  }, WITHIN);
  expect((await status()).reason).toContain('90-appliance.conf');
  expect(await host.readSysctl('max')).toBe(OTHER);
});
