import { afterAll, beforeAll, expect, it } from 'vitest';
import { startService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService('not-loaded');
});
afterAll(() => service.close());

it('previews the boot of a host that has not loaded the module', async () => {
  const { body } = await service.as('get', '/api/v1/boot').expect(200);
  expect(body).toMatchObject({ loaded: false, layout: 'nf_conntrack', loading: { when: 'late' }, persisted: {} });
});

it('names the line that keeps the module from loading, also where loading it is requested', async () => {
  await service.tree.write('/etc/modprobe.d/site.conf', 'options nf_conntrack hashsize=64k\n');
  const { body } = await service.as('get', '/api/v1/boot').expect(200);
  const { loading, findings } = body as { loading: { when: string }; findings: readonly object[] };
  expect(loading.when).toBe('fails');
  expect(findings[0]).toMatchObject({ code: 'MODULE_FAILS_TO_LOAD', lines: [{ path: '/etc/modprobe.d/site.conf' }] });
  const refusal = await service.as('post', '/api/v1/module/load').send({}).expect(409);
  expect(refusal.body).toMatchObject({
    code: 'MODULE_LOAD_REFUSED',
    detail: expect.stringContaining('/etc/modprobe.d/site.conf:1') as string,
  });
  await service.tree.write('/etc/modprobe.d/site.conf', '');
});

it('persists values, as Ansible asks for on a fresh host, and unpersists them', async () => {
  const settings = { max: 262_144, buckets: 131_072 };
  const { body } = await service.as('patch', '/api/v1/settings').send({ settings, persist: true, reason: 'ansible' }).expect(200);
  expect(body).toMatchObject({ outcome: 'applied', settings: [] });
  const boot = await service.as('get', '/api/v1/boot').expect(200);
  expect(boot.body).toMatchObject({ persisted: settings, loading: { when: 'before-sysctl' } });
  const plan = await service.as('patch', '/api/v1/settings').send({ settings, persist: true, dryRun: true }).expect(200);
  expect(plan.body).toMatchObject({ files: [], risks: [{ code: 'MODULE_NOT_LOADED' }] });
  await service.as('post', '/api/v1/settings/unpersist').send({}).expect(200);
  expect((await service.as('get', '/api/v1/boot').expect(200)).body).toMatchObject({ persisted: {} });
});

it('changes no live value, and says what to do', async () => {
  const { body } = await service
    .as('patch', '/api/v1/settings')
    .send({ settings: { max: 262_144 } })
    .expect(503);
  expect(body).toMatchObject({ code: 'CONNTRACK_NOT_LOADED', remedy: expect.stringContaining('/api/v1/module/load') as string });
});

it('loads a module into the running kernel only', async () => {
  const { body } = await service.as('post', '/api/v1/module/load').send({}).expect(501);
  expect(body).toMatchObject({ code: 'NOT_SUPPORTED_HERE' });
});

it('refuses to load anything that the client names', async () => {
  const { body } = await service.as('post', '/api/v1/module/load').send({ module: 'ext4' }).expect(400);
  expect(body).toMatchObject({ code: 'INVALID_REQUEST' });
});
