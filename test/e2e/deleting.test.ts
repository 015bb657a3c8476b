import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KernelEntries } from '../../src/application/ports/kernel.ts';
import type { ChangeDto } from '../../src/http/documents/change.dto.ts';
import { toText, type Answer, type Ask } from './ask.ts';
import { Schemas, type OpenApi } from '../contract/schemas.ts';
import { entryOf } from '../support/entry-of.ts';
import { FakeEntries } from '../support/fake-entries.ts';
import { startService, type Service } from './service.ts';

let service: Service;
let entries: FakeEntries;
beforeEach(async () => {
  service = await startService();
  entries = new FakeEntries();
  entries.table = [...Array(20).keys()].map((index) => entryOf({ index, protocol: index < 10 ? 'udp' : 'tcp' }));
  const port = service.app.get(KernelEntries);
  port.find = entries.find.bind(entries);
  port.count = entries.count.bind(entries);
  port.page = entries.page.bind(entries);
  port.delete = entries.delete.bind(entries);
});
afterEach(() => service.close());

const ID = entryOf({ index: 3, protocol: 'udp' }).id;
const UDP = { filter: 'protocol=UDP', expectedCount: 10, reason: 'a flood' };
const deleteOne = (id = ID): Ask => service.as('delete', `/api/v1/entries/${id}`);
const post = (what: 'delete' | 'flush', body?: object): Ask => service.as('post', `/api/v1/entries/${what}`).send(body);
const codeOf = ({ status, body }: Answer): unknown => [status, (body as { code?: string }).code];
const recorded = async (): Promise<readonly ChangeDto[]> =>
  ((await service.as('get', '/api/v1/changes').expect(200)).body as { items: ChangeDto[] }).items;

describe('DELETE /api/v1/entries/{id}', () => {
  it('returns the recorded deletion with the entry, and the head of the journal', async () => {
    const { body, headers } = await deleteOne().expect(200);
    expect(body).toMatchObject({ id: 1, kind: 'deletion', outcome: 'applied', reason: null, settings: [], files: [] });
    expect((body as ChangeDto).deletion).toMatchObject({ what: 'entry', entry: ID, deletedCount: 1, entries: [{ id: ID, mark: 7 }] });
    expect(headers['conntrack-journal-head']).toMatch(/^3:[0-9a-f]{64}$/);
    expect(entries.table.map(({ id }) => id)).not.toContain(ID);
  });

  it('accepts a reason in the body, and deletes once per Idempotency-Key', async () => {
    const ask = (): Ask => deleteOne().set('idempotency-key', '"k"').send({ reason: 'stuck' });
    const first = await ask().expect(200);
    expect(first.body).toMatchObject({ reason: 'stuck' });
    expect((await ask().expect(200)).body).toEqual(first.body);
    expect(codeOf(await deleteOne())).toEqual([404, 'ENTRY_NOT_FOUND']);
  });

  it('returns 409 if another flow has the tuple now', async () => {
    expect(codeOf(await deleteOne(ID.replace(/-.*/, '-ffffffff')))).toEqual([409, 'ENTRY_REPLACED']);
    expect(await recorded()).toEqual([]);
  });

  it('compares the start time if the client sends it, and reports what was compared', async () => {
    const startedAt = '2026-07-29T21:15:02.123456789Z';
    entries.table = entries.table.map((entry) => (entry.id === ID ? { ...entry, startedAt } : entry));
    expect(codeOf(await deleteOne().send({ startedAt: startedAt.replace('789Z', '790Z') }))).toEqual([409, 'ENTRY_REPLACED']);
    expect(await recorded()).toEqual([]);
    expect((await deleteOne().send({ startedAt: 'yesterday' })).status).toBe(400);
    const { body } = await deleteOne().send({ startedAt }).expect(200);
    expect((body as ChangeDto).deletion).toMatchObject({ identity: 'start-time', startedAt, deletedCount: 1 });
    expect((await recorded())[0]?.deletion).toMatchObject({ identity: 'start-time', startedAt });
    const other = entryOf({ index: 4, protocol: 'udp' }).id;
    const unknown = entries.table.find(({ id }) => id === other) ?? entries.table[0];
    const { body: second } = await deleteOne(unknown?.id).expect(200);
    expect((second as ChangeDto).deletion).toMatchObject({ identity: 'id' });
    expect((second as ChangeDto).deletion).not.toHaveProperty('startedAt');
  });

  it('returns 404 with the recorded change if the entry ended at the last moment', async () => {
    entries.tamper = () => ({ deleted: 0, gone: 1, entries: [] });
    const response = await deleteOne();
    expect(codeOf(response)).toEqual([404, 'ENTRY_NOT_FOUND']);
    expect(response.body).toMatchObject({ changeId: 1, change: { outcome: 'failed', deletion: { deletedCount: 0, goneCount: 1 } } });
  });
});

describe('POST /api/v1/entries/delete', () => {
  it('returns on a dry run the number of matches and examples, without expectedCount and without a record', async () => {
    const { body } = await post('delete', { filter: 'protocol=udp', dryRun: true }).expect(200);
    expect(body).toMatchObject({ dryRun: true, filter: 'protocol=udp', matchedCount: 10, examples: { length: 10 } });
    expect(await recorded()).toEqual([]);
    expect(entries.table).toHaveLength(20);
  });

  it('deletes the matching entries, and shows their number in the list of changes and the entries in the change', async () => {
    const { body } = await post('delete', UDP).expect(200);
    expect((body as ChangeDto).deletion).toMatchObject({ what: 'filter', filter: 'protocol=udp', expectedCount: 10, matchedCount: 10 });
    expect((body as ChangeDto).deletion?.entries).toHaveLength(10);
    const [listed] = await recorded();
    expect(listed?.deletion).toMatchObject({ deletedCount: 10, goneCount: 0 });
    expect(listed?.deletion).not.toHaveProperty('entries');
    expect((await service.as('get', '/api/v1/changes/1').expect(200)).body).toEqual(body);
    await service.restart();
    expect((await service.as('get', '/api/v1/changes/1').expect(200)).body).toEqual(body);
  });

  it('returns 409 with both counts if the number of matches differs, on a dry run too', async () => {
    for (const dryRun of [false, true]) {
      const response = await post('delete', { ...UDP, expectedCount: 5, dryRun });
      expect(codeOf(response)).toEqual([409, 'COUNT_MISMATCH']);
      expect(response.body).toMatchObject({ conflicts: [{ subject: 'count', expected: '5', found: '10' }] });
    }
    expect(entries.table).toHaveLength(20);
  });

  it.each([
    ['no filter', { expectedCount: 10 }, 'filter'],
    ['an empty filter', { ...UDP, filter: '' }, 'filter'],
    ['a filter that cannot be understood', { ...UDP, filter: 'protocol' }, 'filter'],
    ['no count', { filter: 'protocol=udp' }, 'expectedCount'],
    ['a count that is no integer', { ...UDP, expectedCount: '10' }, 'expectedCount'],
    ['a limit of nothing', { ...UDP, limit: 0 }, 'limit'],
    ['a namespace that is a path', { ...UDP, namespace: '../proc' }, 'namespace'],
    ['an unknown field', { ...UDP, force: true }, 'force'],
  ])('is refused with %s', async (_what, body, field) => {
    const response = await post('delete', body);
    expect(codeOf(response)).toEqual([400, 'INVALID_REQUEST']);
    expect((response.body as { errors: { field: string }[] }).errors.map((error) => error.field)).toEqual([field]);
    expect(entries.table).toHaveLength(20);
  });

  it('refuses If-Match, and does not need it even if the service requires it', async () => {
    expect(codeOf(await post('delete', UDP).set('if-match', '"x"'))).toEqual([400, 'INVALID_REQUEST']);
    await service.close();
    service = await startService('nf_conntrack', { requireIfMatch: true });
    expect(codeOf(await post('flush', {}))).toEqual([400, 'INVALID_REQUEST']);
  });

  it('returns a problem with the deleted entries if the kernel refuses some of them', async () => {
    entries.tamper = () => ({ deleted: 4, gone: 0, entries: [], failure: { code: 'EPERM', message: 'operation not permitted' } });
    const response = await post('delete', UDP);
    expect(codeOf(response)).toEqual([422, 'KERNEL_REFUSED']);
    expect(response.body).toMatchObject({ errno: 'EPERM', change: { outcome: 'diverged', deletion: { deletedCount: 4 } } });
    expect((response.body as { detail: string }).detail).not.toContain('undone');
  });
});

describe('POST /api/v1/entries/flush', () => {
  it('deletes everything if the number of entries confirms it', async () => {
    expect(codeOf(await post('flush'))).toEqual([400, 'INVALID_REQUEST']);
    expect(codeOf(await post('flush', { expectedCount: 10 }))).toEqual([409, 'COUNT_MISMATCH']);
    expect((await post('flush', { dryRun: true }).expect(200)).body).toMatchObject({ filter: 'all', matchedCount: 20 });
    expect((await post('flush', { expectedCount: 20 }).expect(200)).body).toMatchObject({ deletion: { what: 'flush', deletedCount: 20 } });
    expect(entries.table).toEqual([]);
  });
});

describe('a deletion', () => {
  it('cannot be rolled back, and the problem gives the reason', async () => {
    await post('flush', { expectedCount: 20 }).expect(200);
    const response = await service.as('post', '/api/v1/changes/1/rollback');
    expect(codeOf(response)).toEqual([409, 'NOTHING_TO_ROLL_BACK']);
    expect((response.body as { detail: string }).detail).toContain('is a deletion');
  });

  it('is exported with the deleted entries, in an unbroken chain', async () => {
    await post('delete', UDP).expect(200);
    const { body } = await service.as('get', '/api/v1/changes/export').buffer().parse(toText);
    const contents = (body as string)
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { content: string }).content);
    expect(contents.map((content) => content.includes('protocol=udp'))).toEqual([false, true, false]);
    expect(contents[2]).toContain(ID);
    expect((await service.as('get', '/api/v1/changes/verify')).body).not.toHaveProperty('broken');
  });

  it('has a response that matches the OpenAPI document, whatever its outcome', async () => {
    const schemas = new Schemas((await service.raw('get', '/openapi.json')).body as OpenApi);
    const answers = [
      ['deleteEntry', await deleteOne()],
      ['deleteEntry', await deleteOne()],
      ['deleteEntries', await post('delete', { filter: 'protocol=udp', dryRun: true })],
      ['deleteEntries', await post('delete', { ...UDP, limit: 2 })],
      ['deleteEntries', await post('delete', { ...UDP, expectedCount: 1 })],
      ['flushEntries', await post('flush', { expectedCount: 17 })],
      ['readChange', await service.as('get', '/api/v1/changes/2')],
      ['listChanges', await service.as('get', '/api/v1/changes')],
    ] as const;
    for (const [operation, { status, headers, body }] of answers) {
      expect(schemas.faults(operation, status, headers['content-type'] ?? '', body), operation).toEqual([]);
    }
  });
});
