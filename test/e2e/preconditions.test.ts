import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Answer, Ask } from './ask.ts';
import { startService, type Service } from './service.ts';

const UDP_TIMEOUT = '/proc/sys/net/netfilter/nf_conntrack_udp_timeout';
const STALE = `"${'0'.repeat(64)}"`;
const CHANGE = { settings: { udp_timeout: 45 } };

let service: Service;
beforeEach(async () => {
  service = await startService();
});
afterEach(() => service.close());

const patch = (body: object = CHANGE): Ask => service.as('patch', '/api/v1/settings').send(body);
const etagOf = async (path = '/api/v1/settings'): Promise<string> => (await service.as('get', path).expect(200)).headers['etag'] ?? '';
const codeOf = ({ status, body }: Answer): unknown => [status, (body as { code?: string }).code];
const recorded = async (): Promise<number> => ((await service.as('get', '/api/v1/changes')).body as { items: unknown[] }).items.length;

describe('the ETag of the settings', () => {
  it('is strong, and the same as long as nothing changes', async () => {
    expect(await etagOf()).toMatch(/^"[0-9a-f]{64}"$/);
    expect(await etagOf()).toBe(await etagOf());
  });

  it('changes when another writer changes a value or a managed boot file, and is the old one after both are restored', async () => {
    await patch({ settings: { udp_timeout: 45 }, persist: true }).expect(200);
    const before = await etagOf();
    await service.tree.write(UDP_TIMEOUT, '46\n');
    expect(await etagOf()).not.toBe(before);
    await service.tree.write(UDP_TIMEOUT, '45\n');
    expect(await etagOf()).toBe(before);
    const file = '/etc/modules-load.d/conntrack-api.conf';
    const text = await service.tree.read(file);
    await service.tree.write(file, `${text}# more\n`);
    expect(await etagOf()).not.toBe(before);
    await service.tree.write(file, text);
    expect(await etagOf()).toBe(before);
  });

  it('is in the response to a change, and matches the settings afterwards', async () => {
    const { headers } = await patch().expect(200);
    expect(headers['etag']).toBe(await etagOf());
  });
});

describe.each(['/api/v1/settings', '/api/v1/settings/max', '/api/v1/changes/1'])('reading %s', (path) => {
  beforeEach(async () => {
    await patch().expect(200);
  });

  it.each([
    ['the ETag', (etag: string) => etag],
    ['a list with it', (etag: string) => `"a,b", ${etag}`],
    ['its weak form', (etag: string) => `W/${etag}`],
    ['*', () => '*'],
  ])('returns 304 without a body for %s', async (_what, header) => {
    const etag = await etagOf(path);
    const response = await service.as('get', path).set('if-none-match', header(etag));
    expect([response.status, response.text, response.headers['etag']]).toEqual([304, '', etag]);
    expect(response.headers).not.toHaveProperty('content-type');
    expect(response.headers).toHaveProperty('x-request-id');
  });

  it.each([STALE, 'nonsense', `${STALE}, "x"`])('returns the full response for %s', async (header) => {
    expect((await service.as('get', path).set('if-none-match', header).expect(200)).body).not.toEqual({});
  });

  it('returns the ETag for HEAD too', async () => {
    expect((await service.as('head', path)).headers['etag']).toBe(await etagOf(path));
    await service
      .as('head', path)
      .set('if-none-match', await etagOf(path))
      .expect(304);
  });
});

describe('If-Match', () => {
  it('accepts a change based on the live state, and returns the ETag for the next', async () => {
    const first = await patch().set('if-match', await etagOf());
    expect(first.status).toBe(200);
    await patch({ settings: { udp_timeout: 50 } })
      .set('if-match', first.headers['etag'] ?? '')
      .expect(200);
  });

  it.each([
    ['*', () => '*'],
    ['a list', (etag: string) => `${STALE} ,${etag}`],
  ])('accepts %s', async (_what, header) => {
    await patch()
      .set('if-match', header(await etagOf()))
      .expect(200);
  });

  it.each([
    ['a stale one', () => STALE],
    ['a weak one', (etag: string) => `W/${etag}`],
  ])('refuses a change with %s, and nothing is recorded', async (_what, header) => {
    expect(codeOf(await patch().set('if-match', header(await etagOf())))).toEqual([412, 'PRECONDITION_FAILED']);
    expect(await recorded()).toBe(0);
  });

  it.each(['nonsense', '"a" "b"', '"a', '*, "a"', 'w/"a"', ''])('is refused if it is not a list of ETags: %j', async (header) => {
    const response = await patch().set('if-match', header);
    expect(codeOf(response)).toEqual([400, 'INVALID_REQUEST']);
    expect((response.body as { errors: { field: string }[] }).errors[0]?.field).toBe('If-Match');
  });

  it('accepts only one of two clients that have seen the same state', async () => {
    const etag = await etagOf();
    const answers = await Promise.all([45, 50].map((udp_timeout) => patch({ settings: { udp_timeout } }).set('if-match', etag)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect(await recorded()).toBe(1);
  });

  it.each([
    ['/api/v1/changes/1/rollback', {}],
    ['/api/v1/changes/rollback-to', { change: 1 }],
    ['/api/v1/changes/2/confirm', {}],
  ])('is compared with the settings on %s', async (path, body) => {
    await patch().expect(200);
    await patch({ settings: { udp_timeout: 50 }, confirmWithinSeconds: 60 }).expect(200);
    const post = (etag: string): Ask =>
      service
        .as('post', path)
        .send({ ...body, ...(path.endsWith('/1/rollback') && { force: true }) })
        .set('if-match', etag);
    expect(codeOf(await post(STALE))).toEqual([412, 'PRECONDITION_FAILED']);
    expect(await recorded()).toBe(2);
    await post(await etagOf()).expect(200);
  });
});

describe('with --require-if-match', () => {
  beforeEach(async () => {
    await service.close();
    service = await startService('nf_conntrack', { requireIfMatch: true });
    await patch()
      .set('if-match', await etagOf())
      .expect(200);
  });

  it.each([
    ['patch', '/api/v1/settings', CHANGE],
    ['post', '/api/v1/changes/1/rollback', {}],
    ['post', '/api/v1/changes/rollback-to', { change: 1 }],
    ['post', '/api/v1/changes/1/confirm', {}],
  ] as const)('%s %s without it is refused', async (method, path, body) => {
    expect(codeOf(await service.as(method, path).send(body))).toEqual([428, 'PRECONDITION_REQUIRED']);
    expect(await recorded()).toBe(1);
  });

  it('a request that does not change the host does not need it', async () => {
    await service
      .as('post', '/api/v1/tokens')
      .send({ name: 'deploy', scopes: ['table:read'] })
      .expect(201);
  });
});
