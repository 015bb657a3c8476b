import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService, type Service } from './service.ts';

const EVENTS = '/api/v1/events';

describe.each([
  ['nf_conntrack', 501, 'NOT_SUPPORTED_HERE'],
  ['ip_conntrack', 501, 'NOT_SUPPORTED_HERE'],
  ['not-loaded', 503, 'CONNTRACK_NOT_LOADED'],
] as const)('events over a recorded %s tree', (tree, status, code) => {
  let service: Service;
  beforeAll(async () => {
    service = await startService(tree);
  });
  afterAll(() => service.close());

  it('are refused before the stream starts, with the reason and a remedy', async () => {
    const { body } = (await service.as('get', EVENTS).expect(status)) as { body: { code: string; remedy?: string } };
    expect(body.code).toBe(code);
    expect(body.remedy).toBeTypeOf('string');
  });
});

describe('a request for events', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.close());

  it.each([
    '?types=born',
    '?types=',
    '?types=new,new',
    '?types=new,%20update',
    '?types=expectation-update',
    '?types=expectation-new,new&protocol=tcp',
    '?types=expectation-new&filter=helper%3Dftp',
    '?lastEventId=42',
    '?filter=port%3D',
    '?since=1',
  ])('is refused where it is not understood: %s', async (query) => {
    const { body } = await service.as('get', `${EVENTS}${query}`).expect(400);
    expect(body).toMatchObject({ code: 'INVALID_FILTER', errors: [{ expected: expect.any(String) as string }] });
  });

  it('is refused with an invalid Last-Event-ID', async () => {
    const { body } = await service.as('get', EVENTS).set('last-event-id', 'yesterday').expect(400);
    expect(body).toMatchObject({ code: 'INVALID_FILTER', errors: [{ field: 'Last-Event-ID' }] });
  });

  it('needs entries:read, and a client that accepts text/event-stream', async () => {
    await service.raw('get', EVENTS, service.token('table:read')).expect(403);
    const { body } = await service.as('get', EVENTS).set('accept', 'application/json').expect(406);
    expect(body).toMatchObject({ code: 'NOT_ACCEPTABLE' });
  });
});
