import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProblemAnswer, SettingAnswer } from './support/answers.ts';
import { Home } from './support/home.ts';
import { host, NetworkNamespace } from './support/network-namespace.ts';
import { Service } from './support/service.ts';

interface Listed extends SettingAnswer {
  readonly name: string;
  readonly scope: string;
  readonly atNextBoot: { readonly origin: string };
}
interface SettingsAnswer {
  readonly namespace?: string;
  readonly items: readonly Listed[];
}

const ENABLED = ['env', 'CONNTRACK_API_NAMESPACES=true'];

let blue: NetworkNamespace;
let home: Home;
let service: Service;

beforeAll(async () => {
  blue = await NetworkNamespace.create('blue');
  home = await Home.create();
  service = await Service.start({ prefix: ENABLED }, home, await home.createToken());
});

afterAll(async () => {
  await service.stop();
  await blue.delete();
  await home.remove();
});

const get = async <Body>(path: string): Promise<Body> => (await service.request<Body>('GET', path)).body;

describe('the settings of a named network namespace', () => {
  it('are its own, and not those of the host', async () => {
    await blue.writeSysctl('generic_timeout', 123);
    const { namespace, items } = await get<SettingsAnswer>(`/settings?namespace=${blue.name}`);
    expect(namespace).toBe(blue.name);
    expect(items.length).toBeGreaterThan(20);
    for (const { name, value } of items) expect({ name, value }).toEqual({ name, value: await blue.readSysctl(name) });
    const one = await get<Listed>(`/settings/net.netfilter.nf_conntrack_generic_timeout?namespace=${blue.name}`);
    expect(one).toMatchObject({ name: 'generic_timeout', value: 123, writable: true });
    expect(await get('/settings/generic_timeout')).toMatchObject({ value: await host.readSysctl('generic_timeout') });
  });

  it('can be written, except those of the whole host', async () => {
    const { items } = await get<SettingsAnswer>(`/settings?namespace=${blue.name}`);
    expect(items.filter(({ writable }) => !writable).map(({ name }) => name)).toEqual(['buckets', 'expect_max', 'max']);
    expect(items.find(({ name }) => name === 'max')?.notWritable).toMatch(/one value for the whole host/);
    expect(items.find(({ name }) => name === 'max')?.value).toBe(await host.readSysctl('max'));
  });

  it('have no known value at the next boot, and cannot be persisted', async () => {
    const { items } = await get<SettingsAnswer>(`/settings?namespace=${blue.name}`);
    expect(items.filter(({ scope, atNextBoot }) => scope === 'namespace' && atNextBoot.origin !== 'unknown')).toEqual([]);
    const boot = await get<{ findings: readonly object[]; differences: readonly { name: string }[] }>(`/boot?namespace=${blue.name}`);
    const message = expect.stringContaining(blue.name) as unknown;
    expect(boot.findings).toContainEqual(expect.objectContaining({ code: 'NAMESPACE_NOT_BOOTED', message }));
    expect(boot.differences.filter(({ name }) => !['max', 'buckets', 'expect_max'].includes(name))).toEqual([]);
  });

  it('are listed in its capabilities, with reasons', async () => {
    await blue.writeSysctl('events', 0);
    const found = await get<{ namespace: string; capabilities: readonly { name: string; available: boolean; reason?: string }[] }>(
      `/capabilities?namespace=${blue.name}`,
    );
    expect(found.namespace).toBe('child');
    const available = Object.fromEntries(found.capabilities.map((each) => [each.name, each.available]));
    expect(available).toMatchObject({
      'settings.write': true,
      entries: true,
      'table.count': true,
      'buckets.write': false,
      events: false,
      persist: false,
    });
    for (const { name, available: is, reason } of found.capabilities) if (!is) expect(reason, name).toMatch(/\S/);
    const own = await get<typeof found>('/capabilities');
    expect(own.namespace).toBe('initial');
    expect(own.capabilities.find(({ name }) => name === 'persist')?.available).toBe(true);
  });

  it.each(['/settings', '/settings/max', '/boot', '/capabilities'])('%s refuses a name that is not a namespace', async (path) => {
    const { status, body } = await service.request<ProblemAnswer>('GET', `${path}?namespace=nowhere`);
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'NAMESPACE_NOT_FOUND' });
  });
});
