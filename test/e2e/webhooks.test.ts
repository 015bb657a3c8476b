import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook as Verifier } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WatchDrift } from '../../src/application/change/watch-drift.ts';
import { Clock } from '../../src/application/ports/clock.ts';
import { Journal } from '../../src/application/ports/journal.ts';
import { DeliverWebhooks } from '../../src/application/webhooks/deliver-webhooks.ts';
import { WatchFindings } from '../../src/application/webhooks/watch-findings.ts';
import { intent } from '../support/intent.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';
import { startService, type Service } from './service.ts';

const WEBHOOKS = '/api/v1/webhooks';

/** The wall clock can be moved. */
class ForwardClock extends Clock {
  forward = 0;
  now(): Date {
    return new Date(Date.now() + this.forward);
  }
  bootMilliseconds(): number {
    return Math.round(performance.now()) + this.forward;
  }
}

interface Created {
  readonly id: string;
  readonly secret: string;
}

let clock: ForwardClock;
let service: Service;
let receiver: WebhookReceiver;
let reports: string[];
let timer: NodeJS.Timeout;
beforeEach(async () => {
  clock = new ForwardClock();
  service = await startService('nf_conntrack', { webhooksAllowLocal: true }, clock);
  receiver = await WebhookReceiver.start();
  reports = [];
  timer = setInterval(() => {
    void service.app.get(DeliverWebhooks).run((message) => reports.push(message));
  }, 10);
});
afterEach(async () => {
  clearInterval(timer);
  await service.close();
  receiver.close();
});

async function create(body: object = { url: receiver.url }): Promise<Created> {
  return (await service.as('post', WEBHOOKS).send(body).expect(201)).body as Created;
}
const change = (value: number, more: object = {}) =>
  service
    .as('patch', '/api/v1/settings')
    .send({ settings: { udp_timeout: value }, ...more })
    .expect(200);
const read = async (id: string): Promise<Record<string, unknown>> =>
  (await service.as('get', `${WEBHOOKS}/${id}`).expect(200)).body as Record<string, unknown>;

describe('the API', () => {
  it('shows the secret once, and never in lists', async () => {
    const created = await create({ url: 'https://receiver.example/a?key=1', types: ['io.conntrack-api.drift.detected'] });
    expect(created).toMatchObject({
      url: 'https://receiver.example/a?key=1',
      types: ['io.conntrack-api.drift.detected'],
      state: 'active',
      lastChange: 0,
      deliveredAt: null,
      createdBy: { name: 'e2e' },
      secret: expect.stringMatching(/^whsec_/) as string,
    });
    const shown = Object.fromEntries(Object.entries(created).filter(([name]) => name !== 'secret'));
    expect(await read(created.id)).toEqual(shown);
    expect((await service.as('get', WEBHOOKS)).body).toEqual({ items: [shown] });
    expect((await service.as('delete', `${WEBHOOKS}/${created.id}`).expect(200)).body).toEqual(shown);
    expect((await service.as('get', `${WEBHOOKS}/${created.id}`).expect(404)).body).toMatchObject({ code: 'WEBHOOK_NOT_FOUND' });
  });

  it.each([
    [{}, 'url'],
    [{ url: 7 }, 'url'],
    [{ url: 'receiver.example' }, 'url'],
    [{ url: 'file:///etc/passwd' }, 'url'],
    [{ url: 'https://user:secret@receiver.example/' }, 'url'],
    [{ url: 'https://receiver.example/#part' }, 'url'],
    [{ url: 'https://receiver.example/\r\nX: y' }, 'url'],
    [{ url: 'https:///' }, 'url'],
    [{ url: `https://receiver.example/${'x'.repeat(2_048)}` }, 'url'],
    [{ url: 'https://receiver.example/', types: [] }, 'types'],
    [{ url: 'https://receiver.example/', types: ['change.applied'] }, 'types'],
    [{ url: 'https://receiver.example/', secret: 'mine' }, 'secret'],
  ])('refuses %j, naming the field', async (body, field) => {
    const response = await service.as('post', WEBHOOKS).send(body).expect(400);
    expect(response.body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ field }] });
  });

  it('refuses local addresses unless they are allowed', async () => {
    const strict = await startService();
    for (const url of ['http://127.0.0.1/', 'http://[::ffff:169.254.169.254]/', 'http://localhost/']) {
      const { body } = await strict.as('post', WEBHOOKS).send({ url }).expect(403);
      expect(body).toMatchObject({ code: 'WEBHOOK_ADDRESS_NOT_ALLOWED', errors: [{ field: 'url' }] });
    }
    await strict.close();
  });
});

describe('events', () => {
  it('of each kind of change are delivered once, in order, and signed', async () => {
    const { secret, id } = await create();
    await change(45);
    await change(46, { confirmWithinSeconds: 60 });
    await service.as('post', '/api/v1/changes/2/confirm').expect(200);
    await service.as('post', '/api/v1/changes/1/rollback').send({ force: true }).expect(200);
    await service.tree.write('proc/sys/net/netfilter/nf_conntrack_udp_timeout', '77\n');
    await service.app.get(WatchDrift).run();
    await expect
      .poll(() => receiver.types)
      .toEqual(['change.applied', 'change.awaiting-confirmation', 'change.confirmed', 'change.reverted', 'drift.detected']);
    expect(receiver.subjects).toEqual([1, 2, 3, 4, 5].map((number) => `changes/${String(number)}`));
    expect(receiver.atOnce).toBe(1);
    for (const { headers, body } of receiver.received) new Verifier(secret).verify(body, headers as Record<string, string>);
    expect(receiver.received[0]?.event.data).toEqual((await service.as('get', '/api/v1/changes/1')).body);
    await expect.poll(async () => await read(id)).toMatchObject({ state: 'active', lastChange: 5 });
  });

  it('before the webhook was created, or of other types, are not sent', async () => {
    await change(45);
    const { id } = await create({ url: receiver.url, types: ['io.conntrack-api.change.reverted'] });
    await change(46);
    await service.as('post', '/api/v1/changes/2/rollback').expect(200);
    await change(47);
    await expect.poll(async () => (await read(id))['lastChange']).toBe(4);
    expect(receiver.subjects).toEqual(['changes/3']);
  });

  it('wait while the receiver fails, and are then delivered in order, across a restart', async () => {
    const { id } = await create();
    receiver.respond = (response) => response.writeHead(503).end();
    await change(45);
    await change(46);
    await expect.poll(async () => await read(id)).toMatchObject({ state: 'failing', lastChange: 0, failure: { error: 'status 503' } });
    expect(new Set(receiver.subjects)).toEqual(new Set(['changes/1']));
    await service.restart();
    const attempts = receiver.received.length;
    receiver.respond = (response) => response.end();
    clock.forward += 60_000;
    await expect.poll(() => receiver.subjects.slice(attempts)).toEqual(['changes/1', 'changes/2']);
    expect(new Set(receiver.received.filter(({ event }) => event.subject === 'changes/1').map(({ event }) => event.id)).size).toBe(1);
    await expect.poll(async () => await read(id)).toMatchObject({ state: 'active', lastChange: 2 });
    expect(await read(id)).not.toHaveProperty('failure');
  });

  it('stop for a receiver that is gone, and continue when it is resumed', async () => {
    const { id } = await create();
    receiver.respond = (response) => response.writeHead(410).end();
    await change(45);
    await expect.poll(async () => (await read(id))['state']).toBe('dead');
    expect(reports).toEqual([expect.stringContaining(`webhook ${id} is dead`)]);
    await change(46);
    clock.forward += 7 * 86_400_000;
    await sleep(100);
    expect(receiver.received).toHaveLength(1);
    receiver.respond = (response) => response.end();
    await service.as('post', `${WEBHOOKS}/${id}/resume`).expect(200);
    await expect.poll(() => receiver.subjects).toEqual(['changes/1', 'changes/1', 'changes/2']);
  });

  it('are not delayed for others by a receiver that does not respond, and neither are changes', async () => {
    const slow = await WebhookReceiver.start();
    slow.respond = () => undefined;
    await create({ url: slow.url });
    await create();
    const begin = performance.now();
    for (const value of [45, 46, 47]) await change(value);
    await expect.poll(() => receiver.subjects).toHaveLength(3);
    expect(performance.now() - begin).toBeLessThan(10_000);
    expect(slow.received).toHaveLength(1);
    slow.close();
  });

  it('of a finding are sent when it is raised and when it is cleared', async () => {
    const watch = () => service.app.get(WatchFindings).run();
    await service.tree.write('proc/sys/net/netfilter/nf_conntrack_max', '262144\n');
    await create();
    await watch();
    await service.tree.write('proc/sys/net/netfilter/nf_conntrack_max', '0\n');
    await watch();
    await watch();
    await expect.poll(() => receiver.types).toEqual(['finding.raised']);
    expect(receiver.received[0]?.event).toMatchObject({
      subject: 'findings/MAX_UNLIMITED',
      data: { code: 'MAX_UNLIMITED', level: 'warning' },
    });
    await service.restart();
    await service.tree.write('proc/sys/net/netfilter/nf_conntrack_max', '262144\n');
    for (let check = 0; check < 3; check += 1) await service.app.get(WatchFindings).run();
    await expect.poll(() => receiver.types).toEqual(['finding.raised', 'finding.cleared']);
  });

  it('of a deletion contain no addresses', async () => {
    await create();
    const journal = service.app.get(Journal);
    const request = {
      what: 'filter',
      namespace: null,
      entry: null,
      filter: 'source=192.0.2.10',
      expected: 1,
      matched: 1,
      limit: null,
    } as const;
    const id = journal.open(intent({ kind: 'deletion', settings: [], deletion: request }));
    const observed = { settings: {}, files: {} };
    const failure = { code: 'KERNEL_REFUSED', message: 'The entry of 192.0.2.10 was refused.' } as const;
    journal.close(id, { outcome: 'diverged', completedAt: new Date(), observed, deleted: { count: 0, gone: 1, entries: [] }, failure });
    await expect.poll(() => receiver.types).toEqual(['change.failed']);
    expect(receiver.received[0]?.event.data).toMatchObject({ deletion: { entriesWithheld: expect.any(String) as string } });
    expect(receiver.received[0]?.body).not.toContain('192.0.2');
  });

  it('end with the webhook', async () => {
    const { id } = await create();
    await service.as('delete', `${WEBHOOKS}/${id}`).expect(200);
    await change(45);
    await sleep(100);
    expect(receiver.received).toEqual([]);
  });
});
