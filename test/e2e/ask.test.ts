import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService, type Service } from './service.ts';

describe('a failed status assertion', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.close());

  it('names the request and shows the problem document', async () => {
    const failure = Promise.resolve(
      service
        .as('patch', '/api/v1/settings')
        .send({ settings: { maxx: 1 } })
        .expect(200),
    );
    const message = await failure.then(
      () => '',
      (error: unknown) => (error as Error).message,
    );
    expect(message).toContain('PATCH /api/v1/settings: expected status 200, got 422');
    expect(message).toContain('"code": "SETTING_UNKNOWN"');
    expect(message).toContain('"detail": "This kernel has no conntrack setting maxx."');
    expect(message).toContain('"requestId": ');
  });

  it('shows the start of a body that is not a problem document', async () => {
    const failure = Promise.resolve(service.as('get', '/readyz').expect(503));
    await expect(failure).rejects.toThrow('GET /readyz: expected status 503, got 200\n{"status":"ready"}');
  });

  it('does not occur if the status is as expected', async () => {
    const { body } = await service.as('get', '/readyz').expect(200);
    expect(body).toEqual({ status: 'ready' });
  });
});
