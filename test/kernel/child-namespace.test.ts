import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangeAnswer, ChangesAnswer, ProblemAnswer, SettingAnswer } from './support/answers.ts';
import { Home } from './support/home.ts';
import { host, NetworkNamespace, SERVICE_PORT } from './support/network-namespace.ts';
import { Service } from './support/service.ts';

let namespace: NetworkNamespace;
let home: Home;
let service: Service;

beforeAll(async () => {
  namespace = await NetworkNamespace.create('child');
  home = await Home.create();
  service = await Service.start(namespace, home, await home.createToken(), SERVICE_PORT);
});

afterAll(async () => {
  await service.stop();
  await namespace.delete();
  await home.remove();
});

describe('in a child network namespace', () => {
  it.each(['max', 'buckets'])('reports that %s cannot be written, and why', async (name) => {
    const { body } = await service.request<SettingAnswer>('GET', `/settings/${name}`);
    expect(body).toMatchObject({ writable: false, value: await host.readSysctl(name) });
    expect(body.notWritable).toMatch(/namespace/);
  });

  it.each(['max', 'buckets'])('refuses to change %s before recording or writing anything', async (name) => {
    const before = await host.readSysctl(name);
    const { status, body } = await service.request<ProblemAnswer>('PATCH', '/settings', { body: { settings: { [name]: before + 512 } } });
    const changes = await service.request<ChangesAnswer>('GET', `/changes?setting=${name}`);
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'SETTING_NOT_WRITABLE' });
    expect(await host.readSysctl(name)).toBe(before);
    expect(changes.body.items).toEqual([]);
  });

  it('changes a timeout in this namespace and not that of the host', async () => {
    const onHost = await host.readSysctl('udp_timeout');
    const { status, body } = await service.request<ChangeAnswer>('PATCH', '/settings', { body: { settings: { udp_timeout: 77 } } });
    expect(status).toBe(200);
    expect(body).toMatchObject({ outcome: 'applied', settings: [{ name: 'udp_timeout', before: 3_600, requested: 77, after: 77 }] });
    expect(await namespace.readSysctl('udp_timeout')).toBe(77);
    expect(await host.readSysctl('udp_timeout')).toBe(onHost);
  });
});

describe('persisting in a child network namespace', () => {
  it('is refused with the reason, as in the capabilities, and writes nothing', async () => {
    const bodies = [
      { persist: true },
      { settings: { udp_timeout: 78 }, persist: true },
      { settings: { udp_timeout: 78 }, persist: true, dryRun: true },
    ];
    for (const body of bodies) {
      const refused = await service.request<ProblemAnswer & { readonly detail: string }>('PATCH', '/settings', { body });
      expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 501, code: 'NOT_SUPPORTED_HERE' });
      expect(refused.body.detail).toMatch(/child network namespace/);
    }
    expect(await namespace.readSysctl('udp_timeout')).toBe(77);
    const { body } = await service.request<{ readonly capabilities: readonly object[] }>('GET', '/capabilities');
    const reason = expect.stringContaining('child network namespace') as unknown;
    expect(body.capabilities).toContainEqual(expect.objectContaining({ name: 'persist', available: false, reason }));
  });

  it('is never promised: only the values of the host are known at the next boot', async () => {
    const { body } = await service.request<{
      readonly items: readonly (SettingAnswer & { scope: string; atNextBoot: { origin: string } })[];
    }>('GET', '/settings');
    const promised = body.items.filter(({ scope, atNextBoot }) => scope === 'namespace' && atNextBoot.origin !== 'unknown');
    expect(promised).toEqual([]);
    const boot = await service.request<{ readonly findings: readonly { code: string }[] }>('GET', '/boot');
    expect(boot.body.findings).toContainEqual(expect.objectContaining({ code: 'NAMESPACE_NOT_BOOTED', level: 'information' }));
  });
});

describe('a value that the kernel refuses', () => {
  it('rolls back the setting that was already written, and records the failure with its errno', async () => {
    const before = { icmp: await namespace.readSysctl('icmp_timeout'), low: await namespace.readSysctl('frag6_low_thresh') };
    // The value is in range, but the kernel refuses a low threshold above the high one. It is written last, after icmp_timeout.
    const settings = { icmp_timeout: before.icmp + 1, frag6_low_thresh: (await namespace.readSysctl('frag6_high_thresh')) + 1 };
    const { body } = await service.request<ProblemAnswer>('PATCH', '/settings', { body: { settings, reason: 'refused' } });
    expect(body).toMatchObject({ code: 'KERNEL_REFUSED', errno: 'EINVAL', changeId: expect.any(Number) as unknown });
    expect(await namespace.readSysctl('icmp_timeout')).toBe(before.icmp);
    expect(await namespace.readSysctl('frag6_low_thresh')).toBe(before.low);

    const recorded = await service.request<ChangeAnswer>('GET', `/changes/${String(body.changeId)}`);
    expect(recorded.body).toMatchObject({
      outcome: 'failed',
      reason: 'refused',
      settings: [
        { name: 'icmp_timeout', before: before.icmp, requested: before.icmp + 1, after: before.icmp },
        { name: 'frag6_low_thresh', before: before.low, after: before.low },
      ],
    });
  });

  it('is never written if it is outside the known range', async () => {
    const { status, body } = await service.request<ProblemAnswer>('PATCH', '/settings', { body: { settings: { acct: 2 } } });
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'VALUE_OUT_OF_RANGE' });
    expect(await namespace.readSysctl('acct')).toBe(0);
  });
});
