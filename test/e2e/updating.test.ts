import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KernelEntries } from '../../src/application/ports/kernel.ts';
import type { ChangeDto } from '../../src/http/documents/change.dto.ts';
import { Schemas, type OpenApi } from '../contract/schemas.ts';
import { entryOf } from '../support/entry-of.ts';
import { FakeEntries } from '../support/fake-entries.ts';
import type { Answer, Ask } from './ask.ts';
import { startService, type Service } from './service.ts';

let service: Service;
let entries: FakeEntries;

/** A table in memory, because a recorded tree has no ctnetlink. */
async function start(): Promise<void> {
  service = await startService();
  entries = new FakeEntries();
  entries.table = [...Array(20).keys()].map((index) => entryOf({ index, protocol: index < 10 ? 'udp' : 'tcp' }));
  const port = service.app.get(KernelEntries);
  port.find = entries.find.bind(entries);
  port.count = entries.count.bind(entries);
  port.page = entries.page.bind(entries);
  port.update = entries.update.bind(entries);
}

const ID = entryOf({ index: 3, protocol: 'udp' }).id;
const UDP = { filter: 'protocol=UDP', expectedCount: 10, mark: 0x30, markMask: 0xf0 };
const patchOne = (body?: object, id = ID): Ask => service.as('patch', `/api/v1/entries/${id}`).send(body);
const patch = (body?: object): Ask => service.as('patch', '/api/v1/entries').send(body);
const codeOf = ({ status, body }: Answer): unknown => [status, (body as { code?: string }).code];
const fieldsOf = ({ body }: Answer): unknown => (body as { errors?: { field: string }[] }).errors?.map(({ field }) => field);
const recorded = async (): Promise<readonly ChangeDto[]> =>
  ((await service.as('get', '/api/v1/changes').expect(200)).body as { items: ChangeDto[] }).items;

describe('PATCH of entries', () => {
  beforeEach(start);
  afterEach(() => service.close());

  it('returns the recorded update of one entry, before and after', async () => {
    const { body, headers } = await patchOne({ mark: 16, markMask: 0xf0, timeoutSeconds: 600, addLabels: [5] }).expect(200);
    expect(body).toMatchObject({ id: 1, kind: 'entry-update', outcome: 'applied', settings: [], files: [] });
    const { update } = body as ChangeDto;
    expect(update).toMatchObject({ what: 'entry', selectedCount: 1, updatedCount: 1, requested: { mark: 16, markMask: 0xf0 } });
    expect(update?.entries).toMatchObject([
      { entry: { id: ID }, before: { mark: 7, timeoutSeconds: 100 }, after: { mark: 0x17, timeoutSeconds: 600, labels: [5] } },
    ]);
    expect(headers['conntrack-journal-head']).toMatch(/^3:[0-9a-f]{64}$/);
    expect((await service.as('get', '/api/v1/changes/1').expect(200)).body).toEqual(body);
    expect((await recorded())[0]?.update).not.toHaveProperty('entries');
  });

  it('updates once per Idempotency-Key', async () => {
    const first = await patchOne({ mark: 1 }).set('idempotency-key', '"k"').expect(200);
    expect((await patchOne({ mark: 1 }).set('idempotency-key', '"k"').expect(200)).body).toEqual(first.body);
    expect(codeOf(await patchOne({ mark: 2 }).set('idempotency-key', '"k"'))).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    expect(await recorded()).toHaveLength(1);
  });

  it('returns on a dry run what it would do, and records nothing', async () => {
    const { body } = await patch({ filter: 'protocol=udp', mark: 7, dryRun: true }).expect(200);
    expect(body).toMatchObject({ dryRun: true, filter: 'protocol=udp', matchedCount: 10, selectedCount: 10, unchangedCount: 10 });
    expect((await patchOne({ mark: 1, dryRun: true }).expect(200)).body).toMatchObject({
      matchedCount: 1,
      examples: [{ entry: { mark: 7 }, after: { mark: 1 } }],
    });
    expect(await recorded()).toEqual([]);
  });

  it('returns the entries that match, and 409 if their number is not the expected one', async () => {
    expect(codeOf(await patch({ ...UDP, expectedCount: 5 }))).toEqual([409, 'COUNT_MISMATCH']);
    expect((await patch(UDP).expect(200)).body).toMatchObject({ update: { what: 'filter', matchedCount: 10, updatedCount: 10 } });
  });

  it('returns 422 with the result of each entry if the kernel refuses one', async () => {
    const failure = { errno: 'ENOSPC', message: 'no room for labels' };
    entries.tamperUpdate = (work) => work().map((result, index) => (index === 0 ? { ...result, result: 'refused', failure } : result));
    const response = await patch(UDP);
    expect(codeOf(response)).toEqual([422, 'KERNEL_REFUSED']);
    expect(response.body).toMatchObject({
      errno: 'ENOSPC',
      change: { outcome: 'diverged', update: { updatedCount: 9, refusedCount: 1, entries: expect.any(Array) as object } },
    });
  });

  it.each<readonly [string, object | undefined, readonly string[]]>([
    ['no body', undefined, ['']],
    ['an empty body', {}, ['']],
    ['a reason only', { reason: 'why' }, ['']],
    ['a mask without a mark', { markMask: 1 }, ['mark']],
    ['a mark above 32 bits', { mark: 4_294_967_296 }, ['mark']],
    ['a negative mark', { mark: -1 }, ['mark']],
    ['a mark as text', { mark: '0x10' }, ['mark']],
    ['an empty mask', { mark: 1, markMask: 0 }, ['markMask']],
    ['a timeout of 0', { timeoutSeconds: 0 }, ['timeoutSeconds']],
    ['a timeout beyond the kernel’s range', { timeoutSeconds: 2_147_484 }, ['timeoutSeconds']],
    ['label 128', { addLabels: [128] }, ['addLabels']],
    ['a label twice', { labels: [1, 1] }, ['labels']],
    ['no label to add', { addLabels: [] }, ['addLabels']],
    ['labels that are not a list', { labels: 3 }, ['labels']],
    ['labels set and added', { labels: [1], addLabels: [2] }, ['labels']],
    ['a label added and removed', { addLabels: [2], removeLabels: [2] }, ['removeLabels']],
    ['a name that the host does not have', { addLabels: ['uplink'] }, ['addLabels']],
    ['an unknown field', { mark: 1, status: 'ASSURED' }, ['status']],
    ['null', { mark: null }, ['mark']],
  ])('is refused with %s', async (_what, body, fields) => {
    const response = await patchOne(body);
    expect([codeOf(response), fieldsOf(response)]).toEqual([[400, 'INVALID_REQUEST'], fields]);
    expect(await recorded()).toEqual([]);
  });

  it.each<readonly [string, object, readonly string[]]>([
    ['no filter', { mark: 1, expectedCount: 10 }, ['filter']],
    ['no count', { filter: 'protocol=udp', mark: 1 }, ['expectedCount']],
    ['a limit above what is recorded', { ...UDP, limit: 1_001 }, ['limit']],
    ['a start time, which only one entry has', { ...UDP, startedAt: '2026-07-29T21:15:02.123456789Z' }, ['startedAt']],
  ])('by filter is refused with %s', async (_what, body, fields) => {
    const response = await patch(body);
    expect([codeOf(response), fieldsOf(response)]).toEqual([[400, 'INVALID_REQUEST'], fields]);
  });

  it('needs the scope entries:update, also to be rolled back', async () => {
    const others = ['entries:read', 'entries:delete', 'settings:write', 'settings:persist', 'changes:read'] as const;
    const former = service.token(...others);
    expect(codeOf(await service.raw('patch', `/api/v1/entries/${ID}`, former).send({ mark: 1 }))).toEqual([403, 'INSUFFICIENT_SCOPE']);
    await patchOne({ mark: 1 }).expect(200);
    expect(codeOf(await service.raw('post', '/api/v1/changes/1/rollback', former))).toEqual([403, 'INSUFFICIENT_SCOPE']);
    await service.raw('post', '/api/v1/changes/1/rollback', service.token(...others, 'entries:update')).expect(200);
  });

  it('is rolled back with a plan first, and reports the entries that are left alone', async () => {
    await patch(UDP).expect(200);
    entries.table = entries.table.map((entry) => (entry.id === ID ? { ...entry, mark: 0x27 } : entry));
    const rollBack = (body?: object): Ask => service.as('post', '/api/v1/changes/1/rollback').send(body);
    const { body: plan } = await rollBack({ dryRun: true }).expect(200);
    expect(plan).toMatchObject({ dryRun: true, steps: [], restorableCount: 9 });
    const { body } = await rollBack().expect(200);
    expect(body).toMatchObject({ kind: 'rollback', rollbackOf: 1, update: { what: 'rollback', requested: null, updatedCount: 9 } });
    expect((body as ChangeDto).update?.skipped).toEqual([{ id: ID, reason: 'changed' }]);
    expect(codeOf(await rollBack())).toEqual([409, 'STATE_CHANGED']);
    await rollBack({ force: true }).expect(200);
    expect(new Set(entries.table.map(({ mark }) => mark))).toEqual(new Set([7]));
  });

  it('has responses that match the OpenAPI document, whatever their outcome', async () => {
    const schemas = new Schemas((await service.raw('get', '/openapi.json')).body as OpenApi);
    const failure = { errno: 'ENOSPC', message: 'no room for labels' };
    const refusing = async (ask: () => Ask): Promise<Answer> => {
      entries.tamperUpdate = (work) => work().map((result) => ({ ...result, result: 'refused', failure }));
      const answer = await ask();
      entries.tamperUpdate = (work) => work();
      return answer;
    };
    const answers = [
      ['updateEntry', await patchOne({ mark: 1, timeoutSeconds: 5, labels: [1, 2] })],
      ['updateEntry', await patchOne({ mark: 1, dryRun: true })],
      ['updateEntry', await refusing(() => patchOne({ mark: 2 }))],
      ['updateEntries', await patch(UDP)],
      ['updateEntries', await patch({ ...UDP, dryRun: true })],
      ['updateEntries', await patch({ ...UDP, expectedCount: 1 })],
      ['rollBackChange', await service.as('post', '/api/v1/changes/1/rollback').send({ dryRun: true })],
      ['rollBackChange', await service.as('post', '/api/v1/changes/3/rollback')],
      ['rollBackChange', await service.as('post', '/api/v1/changes/3/rollback')],
      ['readChange', await service.as('get', '/api/v1/changes/3')],
      ['readChange', await service.as('get', '/api/v1/changes/4')],
      ['listChanges', await service.as('get', '/api/v1/changes')],
    ] as const;
    for (const [operation, { status, headers, body }] of answers) {
      expect(schemas.faults(operation, status, headers['content-type'] ?? '', body), operation).toEqual([]);
    }
  });
});

describe.each(['nf_conntrack', 'ip_conntrack'] as const)('over the text of %s', (layout) => {
  it('entries cannot be updated, and the problem gives the reason', async () => {
    service = await startService(layout);
    try {
      for (const response of [await patchOne({ mark: 1 }), await patch(UDP), await patch({ ...UDP, dryRun: true })]) {
        expect(codeOf(response)).toEqual([501, 'NOT_SUPPORTED_HERE']);
        expect((response.body as { detail: string }).detail).toContain('ctnetlink');
      }
      expect(await recorded()).toEqual([]);
    } finally {
      await service.close();
    }
  });
});
