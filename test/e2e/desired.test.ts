import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startService, type Service } from './service.ts';

const DESIRED = '/api/v1/desired';

let service: Service;
beforeEach(async () => {
  service = await startService();
});
afterEach(() => service.close());

describe('GET and PUT /desired', () => {
  it('is empty until it is configured', async () => {
    expect((await service.as('get', DESIRED).expect(200)).body).toEqual({ settings: {}, restoresPerDay: 2 });
    expect((await service.as('get', `${DESIRED}/status`).expect(200)).body).toEqual({ met: true, settings: [] });
  });

  it('accepts a value, an object, and any name of a setting, and returns short names', async () => {
    const sent = {
      settings: {
        'net.netfilter.nf_conntrack_max': { atLeast: 100_000 },
        udp_timeout: 30,
        tcp_timeout_established: { equals: 86_400, onDrift: 'report' },
      },
      onDrift: 'restore',
    };
    const { body } = await service.as('put', DESIRED).send(sent).expect(200);
    expect(body).toMatchObject({
      settings: {
        max: { atLeast: 100_000, onDrift: 'restore' },
        udp_timeout: { equals: 30, onDrift: 'restore' },
        tcp_timeout_established: { equals: 86_400, onDrift: 'report' },
      },
      restoresPerDay: 2,
      configuredBy: { name: 'e2e' },
    });
    expect((await service.as('get', DESIRED)).body).toEqual(body);
    expect((await service.as('get', `${DESIRED}/status`).expect(200)).body).toMatchObject({
      met: false,
      settings: [{ name: 'max', state: 'restoring', value: 65_536 }, {}, {}],
    });
    expect((await service.as('put', DESIRED).send({ settings: {} }).expect(200)).body).toMatchObject({ settings: {} });
  });

  it.each([
    [{}, 'settings'],
    [{ settings: [] }, 'settings'],
    [{ settings: { max: '1' } }, 'settings.max'],
    [{ settings: { max: 1.5 } }, 'settings.max'],
    [{ settings: { max: null } }, 'settings.max'],
    [{ settings: { max: {} } }, 'settings.max'],
    [{ settings: { max: { equals: 1, atLeast: 1 } } }, 'settings.max'],
    [{ settings: { max: { atLeast: '1' } } }, 'settings.max.atLeast'],
    [{ settings: { max: { atLeast: 1, atMost: 2 } } }, 'settings.max.atMost'],
    [{ settings: { max: { atLeast: 1, onDrift: 'fight' } } }, 'settings.max.onDrift'],
    [{ settings: {}, onDrift: 'fight' }, 'onDrift'],
    [{ settings: {}, restoresPerDay: 0 }, 'restoresPerDay'],
    [{ settings: {}, often: true }, 'often'],
  ])('refuses %j, naming the field', async (sent, field) => {
    const { body } = await service.as('put', DESIRED).send(sent).expect(400);
    expect(body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ field }] });
    expect((await service.as('get', DESIRED)).body).toMatchObject({ settings: {} });
  });

  it('refuses unknown settings, values out of range, and two names of one setting', async () => {
    const put = async (settings: object) => (await service.as('put', DESIRED).send({ settings })).body as { readonly code: string };
    expect((await put({ nothing: 1 })).code).toBe('SETTING_UNKNOWN');
    expect((await put({ max: { atLeast: 99_999_999_999 } })).code).toBe('VALUE_OUT_OF_RANGE');
    expect((await put({ max: 1, nf_conntrack_max: 2 })).code).toBe('DUPLICATE_FIELD');
  });

  it('compares If-Match with the state that is in effect', async () => {
    const { headers } = await service.as('get', DESIRED);
    const put = () =>
      service
        .as('put', DESIRED)
        .set('if-match', String(headers['etag']))
        .send({ settings: { udp_timeout: 30 } });
    await put().expect(200);
    expect((await put().expect(412)).body).toMatchObject({ code: 'PRECONDITION_FAILED' });
  });
});
