import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

describe('a body that is not plain UTF-8', () => {
  const BODY = '{"settings": {"udp_timeout": 40}, "dryRun": true}';

  it.each([
    ['content-encoding', 'gzip'],
    ['content-encoding', 'BR'],
    ['content-encoding', 'identity, deflate'],
    ['content-type', 'application/json; charset=iso-8859-1'],
    ['content-type', 'application/json;charset="UTF-16"'],
    ['content-type', 'application/json; charset=utf-8; charset=utf-7'],
    ['content-type', 'application/json; CHARSET = us-ascii'],
  ])('is refused with %s: %s', async (header, value) => {
    const ask = service.as('patch', '/api/v1/settings').set('content-type', 'application/json').set(header, value);
    const response = await ask.send(BODY);
    expect(response.body).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
    expect(response.status).toBe(415);
    expect(response.headers['accept-encoding']).toBe('identity');
  });

  it.each([
    ['content-encoding', 'identity'],
    ['content-type', 'application/json; charset=utf-8'],
    ['content-type', 'application/json;charset="UTF-8"'],
  ])('is accepted with %s: %s', async (header, value) => {
    const ask = service.as('patch', '/api/v1/settings').set('content-type', 'application/json').set(header, value);
    await ask.send(BODY).expect(200);
  });

  it.each(['get', 'head'] as const)('is not checked in a %s request, whose body is ignored', async (method) => {
    const ask = service.as(method, '/api/v1/settings').set('content-type', 'application/json; charset=utf-16');
    await ask.set('transfer-encoding', 'chunked').expect(200);
  });

  it('is not checked in a request without a body', async () => {
    await service.as('get', '/api/v1/settings').set('content-encoding', 'gzip').expect(200);
  });
});
