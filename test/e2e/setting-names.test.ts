import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService, type Service } from './service.ts';

interface Listed {
  readonly items: readonly { readonly name: string; readonly key: string }[];
}
interface Body {
  readonly code?: string;
  readonly detail?: string;
  readonly name?: string;
  readonly settings?: readonly { readonly name: string }[];
  readonly items?: readonly { readonly settings: readonly { readonly name: string }[] }[];
  readonly errors?: readonly { readonly field: string; readonly found?: string }[];
}

describe.each(['nf_conntrack', 'ip_conntrack'] as const)('on the layout %s', (layout) => {
  let service: Service;
  beforeAll(async () => {
    service = await startService(layout);
  });
  afterAll(() => service.close());

  const body = async (response: PromiseLike<{ readonly body: unknown }>): Promise<Body> => (await response).body as Body;
  const patch = (settings: object): Promise<Body> => body(service.as('patch', '/api/v1/settings').send({ settings }));
  const get = (path: string): Promise<Body> => body(service.as('get', path));

  it('the key of every setting names it in a path, with dots and with slashes', async () => {
    const { items } = (await service.as('get', '/api/v1/settings')).body as Listed;
    expect(items.length).toBeGreaterThan(5);
    for (const { name, key } of items) {
      expect(await get(`/api/v1/settings/${key}`), key).toMatchObject({ name });
      expect(await get(`/api/v1/settings/${encodeURIComponent(key.replaceAll('.', '/'))}`), key).toMatchObject({ name });
    }
  });

  it.each(['net.netfilter.nf_conntrack_max', 'nf_conntrack_max', 'net.ipv4.ip_conntrack_max', 'net/netfilter/nf_conntrack_max'])(
    'a change under the name %s is recorded and found under the short name',
    async (name) => {
      const changed = await patch({ [name]: 32_768 });
      expect(changed.settings).toMatchObject([{ name: 'max', requested: 32_768 }]);
      const listed = await get(`/api/v1/changes?limit=1&setting=${encodeURIComponent(name)}`);
      expect(listed.items).toMatchObject([{ settings: [{ name: 'max' }] }]);
    },
  );

  it.each([
    ['max', 'net.netfilter.nf_conntrack_max', 'max'],
    ['hashsize', 'buckets', 'buckets'],
    ['ip_conntrack_udp_timeout', 'nf_conntrack_udp_timeout', 'udp_timeout'],
  ])('a body cannot name a setting both %s and %s', async (first, second, name) => {
    const problem = await patch({ [first]: 65_536, acct: 1, [second]: 65_536 });
    expect(problem.code).toBe('DUPLICATE_FIELD');
    expect(problem.detail).toBe(`settings: ${first} and ${second} are two names of the same setting (${name}).`);
    expect(problem.errors).toMatchObject([{ field: `settings.${second}`, found: `${first} and ${second}` }]);
    const list = await body(service.as('post', '/api/v1/settings/unpersist').send({ settings: [first, second], dryRun: true }));
    expect(list.code).toBe('DUPLICATE_FIELD');
  });

  it('a range and an unknown name are reported truthfully', async () => {
    expect(await patch({ 'net.netfilter.nf_conntrack_max': 0 })).toMatchObject({
      code: 'VALUE_OUT_OF_RANGE',
      errors: [{ field: 'settings.max' }],
    });
    expect((await patch({ 'net.ipv4.nf_conntrack_max': 65_536 })).detail).toBe(
      'This kernel has no conntrack setting net.ipv4.nf_conntrack_max.',
    );
    expect(await get('/api/v1/settings/net.netfilter.nf_conntrack_maxx')).toMatchObject({ code: 'SETTING_NOT_FOUND' });
  });

  it('unpersisting finds what was persisted under another name', async () => {
    await body(service.as('patch', '/api/v1/settings').send({ settings: { nf_conntrack_max: 131_072, hashsize: 32_768 }, persist: true }));
    const plan = await body(service.as('post', '/api/v1/settings/unpersist').send({ settings: ['nf_conntrack_buckets'] }));
    expect(plan).toMatchObject({ outcome: 'applied' });
    expect((await get('/api/v1/settings/hashsize')) as { persisted?: number }).not.toHaveProperty('persisted');
  });
});
