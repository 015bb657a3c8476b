import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService, type Service } from './service.ts';

let service: Service;

const refusalOf = async (path: string): Promise<unknown> => {
  const { status, body } = await service.as('get', path);
  return { status, code: (body as { code: string }).code };
};

describe('other network namespaces, without --namespaces', () => {
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.close());

  it.each([
    '/api/v1/namespaces',
    '/api/v1/table?namespace=blue',
    '/api/v1/table/counters?namespace=blue',
    '/api/v1/entries?namespace=blue',
    '/api/v1/settings?namespace=blue',
    '/api/v1/settings/max?namespace=blue',
    '/api/v1/boot?namespace=blue',
    '/api/v1/capabilities?namespace=blue',
  ])('are refused at %s, with a remedy', async (path) => {
    const { body } = await service.as('get', path).expect(403);
    expect(body).toMatchObject({ code: 'NAMESPACES_DISABLED', remedy: expect.stringContaining('--namespaces') as string });
  });

  it('are not listed without table:read', async () => {
    await service.raw('get', '/api/v1/namespaces', service.token('entries:read')).expect(403);
    const { body } = await service.raw('get', '/api/v1/namespaces', service.token('entries:read'));
    expect(body).toMatchObject({ code: 'INSUFFICIENT_SCOPE' });
  });

  it('are listed as disabled among the capabilities', async () => {
    const { body } = (await service.as('get', '/api/v1/capabilities').expect(200)) as { body: { capabilities: { name: string }[] } };
    expect(body.capabilities.find(({ name }) => name === 'namespaces')).toMatchObject({ available: false });
  });
});

describe('other network namespaces, with --namespaces', () => {
  beforeAll(async () => {
    service = await startService('nf_conntrack', { namespaces: true });
  });
  afterAll(() => service.close());

  const READING = ['table', 'table/counters', 'entries', 'settings', 'settings/max', 'boot', 'capabilities'];

  it.each(READING.map((path) => `/api/v1/${path}`))('give 404 for an unknown name at %s', async (path) => {
    await service.tree.write('/run/netns/left-over', '');
    for (const name of ['blue', '..', 'left-over']) {
      expect(await refusalOf(`${path}?namespace=${name}`)).toEqual({ status: 404, code: 'NAMESPACE_NOT_FOUND' });
    }
  });

  it.each(['a%2Fb', '', '%00'])('are refused with the name %j', async (name) => {
    expect(await refusalOf(`/api/v1/table?namespace=${name}`)).toEqual({ status: 400, code: 'INVALID_FILTER' });
  });

  it('are refused on a recorded kernel tree', async () => {
    const { body } = await service.as('get', '/api/v1/namespaces');
    expect(body).toMatchObject({ code: 'NOT_SUPPORTED_HERE' });
  });

  it('do not affect the table of the service’s own namespace', async () => {
    const { body } = await service.as('get', '/api/v1/table').expect(200);
    expect(body).toMatchObject({ count: 49 });
    expect(body).not.toHaveProperty('namespace');
  });
});
