import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KernelSettings } from '../../src/application/ports/kernel.ts';
import { WriteLock } from '../../src/application/change/write-lock.ts';
import { ConntrackError } from '../../src/domain/conntrack-error.ts';
import type { ChangeDto } from '../../src/http/documents/change.dto.ts';
import type { Answer, Ask } from './ask.ts';
import { startService, type Service } from './service.ts';

const BODY = { settings: { udp_timeout: 45, acct: 1 }, reason: 'once' };

let service: Service;
beforeEach(async () => {
  service = await startService();
});
afterEach(() => service.close());

const patch = (key: string, body: object | string = BODY): Ask =>
  service.as('patch', '/api/v1/settings').set('idempotency-key', key).set('content-type', 'application/json').send(body);
const codeOf = ({ status, body }: Answer): unknown => [status, (body as { code?: string }).code];
const ids = async (): Promise<number[]> =>
  ((await service.as('get', '/api/v1/changes')).body as { items: ChangeDto[] }).items.map(({ id }) => id);

describe('a request repeated with its Idempotency-Key', () => {
  it('returns the first response, and makes no second change', async () => {
    const first = await patch('"key-1"').expect(200);
    await service.as('patch', '/api/v1/settings').send({ settings: { udp_timeout: 50 } });
    const again = await patch('"key-1"');
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(await ids()).toEqual([2, 1]);
  });

  it('returns no ETag if a later change has changed values that its client has not seen', async () => {
    await patch('"key-1"');
    expect((await patch('"key-1"')).headers).toHaveProperty('etag');
    await service.as('patch', '/api/v1/settings').send({ settings: { udp_timeout: 50 } });
    expect((await patch('"key-1"')).headers).not.toHaveProperty('etag');
  });

  it('is the same request whatever the layout of its JSON and the quoting of the key', async () => {
    const first = await patch('"key-1"');
    const laidOut = '{ "reason": "once", "settings": { "acct": 1, "udp_timeout": 45 } }';
    expect((await patch('key-1', laidOut)).body).toEqual(first.body);
    expect(await ids()).toEqual([1]);
  });

  it('returns the failure of a failed change, even if it would succeed now', async () => {
    const kernel = service.app.get(KernelSettings);
    const write = kernel.write.bind(kernel);
    kernel.write = () => Promise.reject(new ConntrackError('KERNEL_REFUSED', 'The kernel said no.', { errno: 'EINVAL' }));
    const first = await patch('"key-1"').expect(422);
    kernel.write = write;
    const again = await patch('"key-1"');
    expect(again.status).toBe(422);
    expect(withoutOccurrence(again.body)).toEqual(withoutOccurrence(first.body));
    expect(first.body).toMatchObject({ code: 'KERNEL_REFUSED', errno: 'EINVAL', changeId: 1, change: { outcome: 'failed' } });
    expect(await ids()).toEqual([1]);
  });

  it('returns the first response after a restart', async () => {
    const first = await patch('"key-1"').expect(200);
    await service.restart();
    const again = await patch('"key-1"');
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(await ids()).toEqual([1]);
  });

  it('is recognised for rollbacks and confirmations too', async () => {
    await service.as('patch', '/api/v1/settings').send({ settings: { udp_timeout: 45 } });
    await service.as('patch', '/api/v1/settings').send({ settings: { acct: 1 }, confirmWithinSeconds: 60 });
    const paths = [
      ['/api/v1/changes/2/confirm', { reason: 'fine' }],
      ['/api/v1/changes/1/rollback', {}],
      ['/api/v1/changes/rollback-to', { change: 1 }],
    ] as const;
    for (const [path, body] of paths) {
      const post = (): Ask => service.as('post', path).set('idempotency-key', `"${path}"`).send(body);
      const first = await post().expect(200);
      expect((await post().expect(200)).body).toEqual(first.body);
    }
    expect(await ids()).toEqual([5, 4, 3, 2, 1]);
  });

  it('can be repeated after a refusal: nothing was recorded', async () => {
    const body = { settings: { tcp_timeout_established: 30 } };
    expect(codeOf(await patch('"key-1"', body))).toEqual([422, 'RISK_UNACKNOWLEDGED']);
    await patch('"key-1"', { ...body, acknowledge: ['TIMEOUT_BELOW_RFC5382'] }).expect(200);
  });
});

describe('an Idempotency-Key', () => {
  it('belongs to one request: another body or path is refused', async () => {
    await patch('"key-1"').expect(200);
    expect(codeOf(await patch('"key-1"', { settings: { udp_timeout: 46 } }))).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    const rollBack = service.as('post', '/api/v1/changes/1/rollback').set('idempotency-key', '"key-1"');
    expect(codeOf(await rollBack)).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    expect(await ids()).toEqual([1]);
  });

  it('is separate for each token', async () => {
    await patch('"key-1"').expect(200);
    await service
      .raw('patch', '/api/v1/settings', service.token('settings:write'))
      .set('idempotency-key', '"key-1"')
      .send({ settings: { udp_timeout: 46 } })
      .expect(200);
    expect(await ids()).toEqual([2, 1]);
  });

  it('is refused while the first request is in progress', async () => {
    const lock = await service.app.get(WriteLock).acquire();
    const racing = ['first', 'second'].map(() => patch('"key-1"').then((response) => response));
    const refused = await Promise.race(racing);
    expect(codeOf(refused)).toEqual([409, 'IDEMPOTENCY_IN_FLIGHT']);
    lock[Symbol.dispose]();
    expect((await Promise.all(racing)).map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await ids()).toEqual([1]);
  });

  it.each(['"a \\"quoted\\" \\\\ key"', '8e03978e-40d5-43dd-bc93-6894a57f9324', `"${'k'.repeat(255)}"`])('may be %s', async (key) => {
    await patch(key).expect(200);
  });

  it('works with a body that contains an unpaired surrogate', async () => {
    expect(codeOf(await patch('"s"', '{"settings": {"\\ud800": 1}}').expect(422))).toEqual([422, 'SETTING_UNKNOWN']);
  });

  it.each(['', '""', '"open', 'a b', '"a", "b"', '"a";b=1', 'a,b', '"bad \\escape"', `"${'k'.repeat(256)}"`, 'k'.repeat(256), '"ü"'])(
    'must be a string of 1 to 255 printable ASCII characters, not %j',
    async (key) => {
      const response = await patch(key);
      expect(codeOf(response)).toEqual([400, 'INVALID_REQUEST']);
      expect((response.body as { errors: { field: string }[] }).errors[0]?.field).toBe('Idempotency-Key');
    },
  );
});

/** Each problem document is a separate occurrence (RFC 9457, 3.1.5), even of the same failure. */
function withoutOccurrence(problem: unknown): object {
  return { ...(problem as object), instance: '', requestId: '' };
}
