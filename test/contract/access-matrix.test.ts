import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCESS, type Access } from '../../src/http/access/access.decorator.ts';
import { KnownRoutes } from '../../src/http/edge/known-routes.ts';
import { TableController } from '../../src/http/table/table.controller.ts';
import { startService, type Service } from '../e2e/service.ts';
import { documentedRoutes, undocumented, walkMatrix, type DocumentedRoute } from './access-matrix.ts';
import type { OpenApi } from './schemas.ts';

let service: Service;
let routes: readonly DocumentedRoute[];

beforeAll(async () => {
  service = await startService('nf_conntrack', { namespaces: true });
  routes = documentedRoutes((await service.raw('get', '/openapi.json')).body as OpenApi);
});
afterAll(() => service.close());

describe('the access matrix', () => {
  it('has no route that is more open than the OpenAPI document says, and no undocumented route', async () => {
    const { requests, unexpectedSuccesses, otherFaults, routes: requested } = await walkMatrix(service, routes);
    const unknown = undocumented(service.app.get(KnownRoutes).all(), routes);
    process.stdout.write(
      `access matrix: ${requested} routes, ${requests} requests, unexpected successes ${unexpectedSuccesses.length}, ` +
        `undocumented routes ${unknown.length}\n`,
    );
    expect({ unexpectedSuccesses, otherFaults, unknown }).toEqual({ unexpectedSuccesses: [], otherFaults: [], unknown: [] });
    expect(requested).toBeGreaterThan(50);
    expect(requests).toBeGreaterThan(600);
  }, 120_000);

  it('excludes only probes: everything under /api needs a token', () => {
    const open = routes.filter(({ scopes }) => scopes === undefined);
    expect([...new Set(open.map(({ path }) => path))].toSorted()).toEqual(['/healthz', '/readyz']);
  });

  it.each([
    ['open', { kind: 'open' }, ['no token', 'malformed token', 'expired token', 'revoked token', 'only entries:read']],
    ['open to any token', { kind: 'token', scopes: [] }, ['only entries:read', 'only tokens:admin']],
    ['open to another scope', { kind: 'token', scopes: ['changes:read'] }, ['only changes:read']],
  ] as const)('would find a route that was made %s by mistake', async (_how, access, found) => {
    const handler: unknown = Reflect.get(TableController.prototype, 'read');
    const declared = Reflect.getMetadata(ACCESS, handler as object) as Access;
    Reflect.defineMetadata(ACCESS, access, handler as object);
    try {
      const { unexpectedSuccesses } = await walkMatrix(
        service,
        routes.filter(({ path }) => path === '/api/v1/table'),
      );
      expect(unexpectedSuccesses.map(({ route }) => route)).toContain('get /api/v1/table');
      expect(unexpectedSuccesses.map(({ credentials }) => credentials)).toEqual(expect.arrayContaining([...found]));
    } finally {
      Reflect.defineMetadata(ACCESS, declared, handler as object);
    }
  });

  it('would find an undocumented route or method', () => {
    const more = new Map([...service.app.get(KnownRoutes).all(), ['/api/v1/debug', ['GET']], ['/docs/upload', ['POST']]]);
    expect(undocumented(more, routes)).toEqual(['GET /api/v1/debug', 'POST /docs/upload']);
  });
});
