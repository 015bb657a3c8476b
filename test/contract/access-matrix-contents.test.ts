import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCOPES, type Scope } from '../../src/domain/token.ts';
import { startService, type Service } from '../e2e/service.ts';
import { ContentWalk, setsOf } from './access-matrix-contents.ts';
import { documentedRoutes, type DocumentedRoute } from './access-matrix.ts';
import type { OpenApi } from './schemas.ts';

let service: Service;
let routes: readonly DocumentedRoute[];
let walk: ContentWalk;

beforeAll(async () => {
  service = await startService('nf_conntrack', { namespaces: true });
  routes = documentedRoutes((await service.raw('get', '/openapi.json')).body as OpenApi);
  walk = new ContentWalk(service);
  await walk.prepare();
});
afterAll(() => service.close());

const OTHERS = SCOPES.filter((scope) => scope !== 'entries:read');

describe('the contents that a scope may see', () => {
  it('include addresses of entries in no response to a token without entries:read', async () => {
    const found = [];
    for (const scopes of setsOf(OTHERS)) found.push(...(await walk.run(routes, scopes)));
    process.stdout.write(`access contents: ${routes.length} routes, ${walk.requests} requests, disclosures ${found.length}\n`);
    expect({ found, faults: walk.faults }).toEqual({ found: [], faults: [] });
    expect(walk.requests).toBeGreaterThan(1_000);
  }, 300_000);

  it('include addresses in each place where entries:read shows them: the search would find them', async () => {
    const found = await walk.run(routes, SCOPES);
    expect([...new Set(found.map(({ request }) => request))].toSorted()).toEqual([
      'delete /api/v1/entries/{id} deletion',
      'delete /api/v1/entries/{id} refused by the kernel',
      'delete /api/v1/entries/{id} replay',
      'delete /api/v1/entries/{id} with a key',
      'get /api/v1/changes',
      'get /api/v1/changes/export',
      'get /api/v1/changes/{id} of a deletion or an update',
      'get /api/v1/entries',
      'patch /api/v1/entries dry run',
      'patch /api/v1/entries refused by the kernel',
      'patch /api/v1/entries replay',
      'patch /api/v1/entries replay of a refusal',
      'patch /api/v1/entries update',
      'patch /api/v1/entries with a key',
      'patch /api/v1/entries/{id} dry run',
      'patch /api/v1/entries/{id} refused by the kernel',
      'patch /api/v1/entries/{id} update',
      'post /api/v1/entries/delete deletion',
      'post /api/v1/entries/delete dry run',
      'post /api/v1/entries/delete refused by the kernel',
      'post /api/v1/entries/delete replay',
      'post /api/v1/entries/delete replay of a refusal',
      'post /api/v1/entries/delete with a key',
      'post /api/v1/entries/flush deletion',
      'post /api/v1/entries/flush dry run',
    ]);
  }, 60_000);

  it.each<readonly [string, string, Scope, object | undefined]>([
    ['get', '/api/v1/changes/1', 'changes:read', undefined],
    ['post', '/api/v1/entries/delete', 'entries:delete', { filter: 'protocol=tcp', dryRun: true }],
    ['post', '/api/v1/entries/delete', 'entries:delete', { filter: 'protocol=tcp', expectedCount: 3 }],
  ])('%s %s states to %s why entries are missing', async (method, path, scope, body) => {
    const response = await service.raw(method as 'get', path, service.token(scope)).send(body);
    expect(response.status).toBe(200);
    const { deletion = response.body as object } = response.body as { deletion?: object };
    expect(deletion).toMatchObject({ entriesWithheld: expect.stringContaining('entries:read') as string });
    for (const field of ['entries', 'examples', 'entry']) expect(deletion).not.toHaveProperty(field);
  });

  it('states the reason in the list, and in the refusal of the export', async () => {
    const secret = service.token('changes:read');
    const { items } = (await service.raw('get', '/api/v1/changes', secret)).body as { items: { kind: string; deletion?: object }[] };
    const deletions = items.filter(({ kind }) => kind === 'deletion');
    expect(deletions.length).toBeGreaterThan(5);
    for (const { deletion } of deletions) expect(deletion).toHaveProperty('entriesWithheld');
    const refusal = await service.raw('get', '/api/v1/changes/export', secret);
    expect([refusal.status, refusal.body]).toMatchObject([
      403,
      { code: 'INSUFFICIENT_SCOPE', detail: expect.stringContaining('entries:read') as string },
    ]);
  });
});
