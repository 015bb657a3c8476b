import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeDto } from '../../src/http/documents/change.dto.ts';
import { startService, type Service } from './service.ts';

const MAX = {
  nf_conntrack: '/proc/sys/net/netfilter/nf_conntrack_max',
  ip_conntrack: '/proc/sys/net/ipv4/netfilter/ip_conntrack_max',
} as const;

let service: Service;
afterEach(() => service.close());

const change = async (body: object): Promise<ChangeDto> =>
  (await service.as('patch', '/api/v1/settings').send(body).expect(200)).body as ChangeDto;
const rollBack = async (id: number, body?: object): Promise<ChangeDto> =>
  (
    await service
      .as('post', `/api/v1/changes/${String(id)}/rollback`)
      .send(body)
      .expect(200)
  ).body as ChangeDto;
const listed = async (query = ''): Promise<{ items: ChangeDto[]; nextCursor?: string }> =>
  (await service.as('get', `/api/v1/changes${query}`).expect(200)).body as { items: ChangeDto[]; nextCursor?: string };
const live = async (name: string): Promise<unknown> =>
  ((await service.as('get', `/api/v1/settings/${name}`)).body as { value: number }).value;

describe.each(['nf_conntrack', 'ip_conntrack'] as const)('changing a %s kernel', (layout) => {
  beforeEach(async () => {
    service = await startService(layout);
  });

  it('writes several settings, reads them back and shows before, requested and after', async () => {
    const response = await service
      .as('patch', '/api/v1/settings')
      .set('x-request-id', 'deploy-42')
      .send({ settings: { max: 60_000, udp_timeout: 45 }, reason: 'black friday' });
    expect(response.status).toBe(200);
    expect(response.body).toMatchObject({
      id: 1,
      kind: 'change',
      outcome: 'applied',
      actor: {
        name: 'e2e',
        tokenId: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
        peer: expect.stringContaining('127.0.0.1') as string,
      },
      reason: 'black friday',
      requestId: 'deploy-42',
      files: [],
      rollbackOf: null,
    });
    expect((response.body as ChangeDto).settings).toEqual(
      expect.arrayContaining([
        { name: 'max', before: 65_536, requested: 60_000, after: 60_000 },
        { name: 'udp_timeout', before: 30, requested: 45, after: 45 },
      ]),
    );
    expect((await service.tree.read(MAX[layout])).trim()).toBe('60000');
    expect((await service.as('get', '/api/v1/changes/1').expect(200)).body).toEqual(response.body);
  });

  it('persists max and buckets together, and rolls both the kernel and the files back byte for byte', async () => {
    const done = await change({ settings: { max: 131_072, buckets: 32_768 }, persist: true });
    expect(done.files.length).toBeGreaterThan(0);
    for (const { path, after } of done.files) expect(await service.tree.read(path)).toBe(after);
    expect((await service.as('get', '/api/v1/settings/max')).body).toMatchObject({ value: 131_072, persisted: 131_072 });

    const undone = await rollBack(done.id, { reason: 'sale is over' });
    expect(undone).toMatchObject({ id: 2, kind: 'rollback', outcome: 'applied', rollbackOf: 1, reason: 'sale is over' });
    expect(await live('max')).toBe(65_536);
    for (const { path, before } of done.files) {
      if (before === null) await expect(service.tree.read(path)).rejects.toMatchObject({ code: 'ENOENT' });
      else expect(await service.tree.read(path)).toBe(before);
    }

    const redone = await rollBack(undone.id);
    expect(redone).toMatchObject({ id: 3, rollbackOf: 2 });
    for (const { path, after } of done.files) expect(await service.tree.read(path)).toBe(after);
    expect(await live('max')).toBe(131_072);
  });

  it('persists the live values if no setting is given', async () => {
    const done = await change({ persist: true });
    expect(done.settings.every(({ before, after }) => before === after)).toBe(true);
    expect((await service.as('get', '/api/v1/settings/max')).body).toMatchObject({ persisted: 65_536 });
  });

  it('refuses a rollback that conflicts with a later change and names it, unless forced', async () => {
    await change({ settings: { max: 60_000 } });
    const later = await change({ settings: { max: 50_000 } });
    const { status, body } = await service.as('post', '/api/v1/changes/1/rollback');
    expect(status).toBe(409);
    expect(body).toMatchObject({
      code: 'STATE_CHANGED',
      conflicts: [{ subject: 'max', expected: '60000', found: '50000', changedBy: later.id }],
    });
    expect(await live('max')).toBe(50_000);
    await rollBack(1, { force: true });
    expect(await live('max')).toBe(65_536);
  });

  it('refuses a rollback that conflicts with an unrecorded change by another writer', async () => {
    await change({ settings: { max: 60_000 } });
    await service.tree.write(MAX[layout], '77777\n');
    const { status, body } = await service.as('post', '/api/v1/changes/1/rollback');
    expect(status).toBe(409);
    expect((body as { conflicts: object[] }).conflicts).toEqual([{ subject: 'max', expected: '60000', found: '77777' }]);
  });
});

describe('the record of changes', () => {
  beforeEach(async () => {
    service = await startService();
    for (const udp_timeout of [40, 41]) await change({ settings: { udp_timeout } });
    await change({ settings: { max: 60_000 } });
    await rollBack(3);
  });

  it('is listed newest first, one page at a time', async () => {
    expect((await listed()).items.map(({ id }) => id)).toEqual([4, 3, 2, 1]);
    const first = await listed('?limit=3');
    expect(first.items.map(({ id }) => id)).toEqual([4, 3, 2]);
    const second = await listed(`?limit=3&cursor=${first.nextCursor ?? ''}`);
    expect(second.items.map(({ id }) => id)).toEqual([1]);
    expect(second).not.toHaveProperty('nextCursor');
  });

  it.each([
    ['setting=udp_timeout', [2, 1]],
    ['setting=max&outcome=applied', [4, 3]],
    ['outcome=failed', []],
    ['actor=e2e', [4, 3, 2, 1]],
    ['actor=nobody', []],
    ['since=2020-01-01T00:00:00Z', [4, 3, 2, 1]],
    ['since=2200-01-01T00:00:00%2B01:00', []],
    ['until=2020-01-01T00:00:00Z', []],
  ])('is filtered by %s', async (query, ids) => {
    expect((await listed(`?${query}`)).items.map(({ id }) => id)).toEqual(ids);
  });

  it('refuses a cursor from a request with other filters', async () => {
    const { nextCursor = '' } = await listed('?limit=1');
    const { status, body } = await service.as('get', `/api/v1/changes?limit=1&setting=max&cursor=${nextCursor}`);
    expect([status, (body as { code: string }).code]).toEqual([400, 'INVALID_CURSOR']);
  });
});
