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
  it('answers what the first answered, and makes no other change', async () => {
    const first = await patch('"key-1"').expect(200);
    await service.as('patch', '/api/v1/settings').send({ settings: { udp_timeout: 50 } });
    const again = await patch('"key-1"');
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(await ids()).toEqual([2, 1]);
  });

  it('gives no ETag where a later change has moved what its client has not seen', async () => {
    await patch('"key-1"');
    expect((await patch('"key-1"')).headers).toHaveProperty('etag');
    await service.as('patch', '/api/v1/settings').send({ settings: { udp_timeout: 50 } });
    expect((await patch('"key-1"')).headers).not.toHaveProperty('etag');
  });

  it('is the same request however its JSON is laid out, and however the key is quoted', async () => {
    const first = await patch('"key-1"');
    const laidOut = '{ "reason": "once", "settings": { "acct": 1, "udp_timeout": 45 } }';
    expect((await patch('key-1', laidOut)).body).toEqual(first.body);
    expect(await ids()).toEqual([1]);
  });

  it('answers the failure of a change that failed, also when it would succeed now', async () => {
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

  it('answers so across a restart', async () => {
    const first = await patch('"key-1"').expect(200);
    await service.restart();
    const again = await patch('"key-1"');
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(await ids()).toEqual([1]);
  });

  it('is known for rollbacks and confirmations too', async () => {
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

  it('may be repeated after it was refused: nothing has been recorded', async () => {
    const body = { settings: { tcp_timeout_established: 30 } };
    expect(codeOf(await patch('"key-1"', body))).toEqual([422, 'RISK_UNACKNOWLEDGED']);
    await patch('"key-1"', { ...body, acknowledge: ['TIMEOUT_BELOW_RFC5382'] }).expect(200);
  });
});

describe('an Idempotency-Key', () => {
  it('belongs to one request: another body or path with it is a mistake', async () => {
    await patch('"key-1"').expect(200);
    expect(codeOf(await patch('"key-1"', { settings: { udp_timeout: 46 } }))).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    const rollBack = service.as('post', '/api/v1/changes/1/rollback').set('idempotency-key', '"key-1"');
    expect(codeOf(await rollBack)).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    expect(await ids()).toEqual([1]);
  });

  it('is each token’s own', async () => {
    await patch('"key-1"').expect(200);
    await service
      .raw('patch', '/api/v1/settings', service.token('settings:write'))
      .set('idempotency-key', '"key-1"')
      .send({ settings: { udp_timeout: 46 } })
      .expect(200);
    expect(await ids()).toEqual([2, 1]);
  });

  it('is refused while the first request with it is being worked on', async () => {
    const lock = await service.app.get(WriteLock).acquire();
    const racing = ['first', 'second'].map(() => patch('"key-1"').then((answer) => answer));
    const refused = await Promise.race(racing);
    expect(codeOf(refused)).toEqual([409, 'IDEMPOTENCY_IN_FLIGHT']);
    lock[Symbol.dispose]();
    expect((await Promise.all(racing)).map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await ids()).toEqual([1]);
  });

  it.each(['"a \\"quoted\\" \\\\ key"', '8e03978e-40d5-43dd-bc93-6894a57f9324', `"${'k'.repeat(255)}"`])('may be %s', async (key) => {
    await patch(key).expect(200);
  });

  it.each(['', '""', '"open', 'a b', '"a", "b"', '"a";b=1', 'a,b', '"bad \\escape"', `"${'k'.repeat(256)}"`, 'k'.repeat(256), '"ü"'])(
    'must be a string of 1 to 255 printable ASCII characters, not %j',
    async (key) => {
      const answer = await patch(key);
      expect(codeOf(answer)).toEqual([400, 'INVALID_REQUEST']);
      expect((answer.body as { errors: { field: string }[] }).errors[0]?.field).toBe('Idempotency-Key');
    },
  );
});

/** Two problems are two occurrences (RFC 9457, 3.1.5), also of the same failure. */
function withoutOccurrence(problem: unknown): object {
  return { ...(problem as object), instance: '', requestId: '' };
}
