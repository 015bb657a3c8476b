import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startService, type Service } from './service.ts';

const GUARD = '/api/v1/guard';

let service: Service;
beforeEach(async () => {
  service = await startService();
  await service.tree.write('proc/sys/net/netfilter/nf_conntrack_max', '65536\n');
  await service.tree.write('sys/module/nf_conntrack/parameters/hashsize', '65536\n');
  await service.tree.write('proc/meminfo', 'MemTotal: 4194304 kB\nMemAvailable: 2097152 kB\n');
});
afterEach(() => service.close());

describe('GET and PUT /guard', () => {
  it('is off with its defaults until it is configured', async () => {
    const { body } = await service.as('get', GUARD).expect(200);
    expect(body).toEqual({
      enabled: false,
      raiseAt: 0.8,
      predictSeconds: 0,
      factor: 1.5,
      ceiling: null,
      memoryShare: 0.25,
      cooldownSeconds: 60,
      buckets: 'keep',
      persist: 'never',
    });
  });

  it('replaces the configuration, with defaults for absent fields', async () => {
    await service.as('put', GUARD).send({ enabled: true, raiseAt: 0.9, cooldownSeconds: 5 }).expect(200);
    const { body } = await service.as('put', GUARD).send({ enabled: true, factor: 2, ceiling: 131_072 }).expect(200);
    expect(body).toMatchObject({
      enabled: true,
      raiseAt: 0.8,
      factor: 2,
      ceiling: 131_072,
      cooldownSeconds: 60,
      configuredBy: { name: 'e2e' },
    });
    expect((await service.as('get', GUARD)).body).toEqual(body);
  });

  it.each([
    [{ enabled: true, factor: 1 }, 'factor'],
    [{ enabled: true, raiseAt: 1 }, 'raiseAt'],
    [{ enabled: true, raiseAt: '0.8' }, 'raiseAt'],
    [{ enabled: true, raiseAt: 0.8001 }, 'raiseAt'],
    [{ enabled: true, memoryShare: 0.601 }, 'memoryShare'],
    [{ enabled: true, predictSeconds: 0.5 }, 'predictSeconds'],
    [{ enabled: true, ceiling: 0 }, 'ceiling'],
    [{ enabled: true, cooldownSeconds: 0 }, 'cooldownSeconds'],
    [{ enabled: true, buckets: 'raise' }, 'buckets'],
    [{ enabled: true, persist: 'always' }, 'persist'],
    [{ enabled: true, speed: 1 }, 'speed'],
    [{}, 'enabled'],
  ])('refuses %j, naming the field', async (sent, field) => {
    const { body } = await service.as('put', GUARD).send(sent).expect(400);
    expect(body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ field }] });
    expect((await service.as('get', GUARD)).body).toMatchObject({ enabled: false });
  });

  it('refuses a ceiling below the live max, and accepts max itself', async () => {
    const { body } = await service.as('put', GUARD).send({ enabled: true, ceiling: 65_535 }).expect(422);
    expect(body).toMatchObject({ code: 'VALUE_OUT_OF_RANGE', errors: [{ field: 'ceiling', found: '65535' }] });
    await service.as('put', GUARD).send({ enabled: true, ceiling: 65_536 }).expect(200);
    await service.as('put', GUARD).send({ enabled: false, ceiling: 1 }).expect(200);
  });

  it('needs settings:persist for afterConfirm only', async () => {
    const put = (persist: string) => service.raw('put', GUARD, service.token('settings:write')).send({ enabled: true, persist });
    expect((await put('afterConfirm').expect(403)).body).toMatchObject({ code: 'INSUFFICIENT_SCOPE' });
    await put('never').expect(200);
  });

  it('compares If-Match with the configuration that is in effect', async () => {
    const { headers } = await service.as('get', GUARD);
    const put = () => service.as('put', GUARD).set('if-match', String(headers['etag'])).send({ enabled: true });
    const changed = await put().expect(200);
    expect((await put().expect(412)).body).toMatchObject({ code: 'PRECONDITION_FAILED' });
    await service.as('put', GUARD).set('if-match', String(changed.headers['etag'])).send({ enabled: true }).expect(200);
    await service.as('put', GUARD).set('if-match', '*').send({ enabled: true }).expect(200);
    await service.as('get', GUARD).set('if-none-match', String(changed.headers['etag'])).expect(200);
  });
});

describe('GET /guard/preview', () => {
  it('shows what the guard does now and why, and changes nothing', async () => {
    const preview = async () => (await service.as('get', `${GUARD}/preview`).expect(200)).body as object;
    expect(await preview()).toMatchObject({ action: 'off', raises: 0, loweredBy: [] });
    await service.as('put', GUARD).send({ enabled: true });
    expect(await preview()).toMatchObject({ action: 'none' });
    await service.tree.write('proc/sys/net/netfilter/nf_conntrack_count', '60000\n');
    expect(await preview()).toMatchObject({
      action: 'raise',
      count: 60_000,
      max: 65_536,
      raise: { max: 98_304, evidence: { trigger: 'raiseAt' } },
    });
    expect(await service.tree.read('proc/sys/net/netfilter/nf_conntrack_max')).toBe('65536\n');
    expect((await service.as('get', '/api/v1/changes')).body).toMatchObject({ items: [] });
  });
});
