import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService, type Service } from './service.ts';

let service: Service;

const refusalOf = async (path: string): Promise<unknown> => {
  const { status, body } = await service.as('get', path);
  return { status, code: (body as { code: string }).code };
};

describe('other network namespaces, where they are not enabled', () => {
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.close());

  it.each([
    '/api/v1/namespaces',
    '/api/v1/table?namespace=blue',
    '/api/v1/table/counters?namespace=blue',
    '/api/v1/entries?namespace=blue',
  ])('are refused at %s, with how to enable them', async (path) => {
    const { body } = await service.as('get', path).expect(403);
    expect(body).toMatchObject({ code: 'NAMESPACES_DISABLED', remedy: expect.stringContaining('--namespaces') as string });
  });

  it('are not listed for who may not read the table', async () => {
    await service.raw('get', '/api/v1/namespaces', service.token('entries:read')).expect(403);
    const { body } = await service.raw('get', '/api/v1/namespaces', service.token('entries:read'));
    expect(body).toMatchObject({ code: 'INSUFFICIENT_SCOPE' });
  });

  it('are said to be disabled among what can be done here', async () => {
    const { body } = (await service.as('get', '/api/v1/capabilities').expect(200)) as { body: { capabilities: { name: string }[] } };
    expect(body.capabilities.find(({ name }) => name === 'namespaces')).toMatchObject({ available: false });
  });
});

describe('other network namespaces, where they are enabled', () => {
  beforeAll(async () => {
    service = await startService('nf_conntrack', { namespaces: true });
  });
  afterAll(() => service.close());

  it.each(['/api/v1/table', '/api/v1/table/counters', '/api/v1/entries'])('are not found by an unknown name at %s', async (path) => {
    await service.tree.write('/run/netns/left-over', '');
    for (const name of ['blue', '..', 'left-over']) {
      expect(await refusalOf(`${path}?namespace=${name}`)).toEqual({ status: 404, code: 'NAMESPACE_NOT_FOUND' });
    }
  });

  it.each(['a%2Fb', '', '%00'])('are refused by the name %j', async (name) => {
    expect(await refusalOf(`/api/v1/table?namespace=${name}`)).toEqual({ status: 400, code: 'INVALID_FILTER' });
  });

  it('are not those of another kernel tree, which says so', async () => {
    const { body } = await service.as('get', '/api/v1/namespaces');
    expect(body).toMatchObject({ code: 'NOT_SUPPORTED_HERE' });
  });

  it('leave the table of the service itself as it is, without a namespace', async () => {
    const { body } = await service.as('get', '/api/v1/table').expect(200);
    expect(body).toMatchObject({ count: 49 });
    expect(body).not.toHaveProperty('namespace');
  });
});
