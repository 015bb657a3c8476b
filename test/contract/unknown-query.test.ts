import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Method } from '../e2e/ask.ts';
import { startService, type Service } from '../e2e/service.ts';
import { documentedRoutes } from './access-matrix.ts';
import { requestPath, type OpenApi } from './schemas.ts';

interface Parameter {
  readonly in: string;
  readonly name: string;
}
interface Problem {
  readonly code: string;
  readonly errors: readonly { readonly field: string; readonly expected: string; readonly found?: string }[];
}

let service: Service;
let document: OpenApi;
beforeAll(async () => {
  service = await startService();
  document = (await service.raw('get', '/openapi.json')).body as OpenApi;
});
afterAll(() => service.close());

const isRead = (method: Method): boolean => method === 'get' || method === 'head';

/** The query parameters in the document. */
function documented(path: string, method: Method): readonly string[] {
  const operations = Object.entries(document.paths).find(([each, of]) => requestPath(each, of) === path)?.[1];
  const operation = (operations?.[method] ?? operations?.['get']) as { readonly parameters?: readonly Parameter[] };
  return (operation.parameters ?? [])
    .filter(({ in: place, name }) => place === 'query' && name !== 'verbose')
    .map(({ name }) => name)
    .sort();
}

function place(path: string): string {
  return path.replace('{name}', 'max').replace('{id}', '4711');
}

describe('a query parameter that a route does not have', () => {
  it('is refused on every route, with the parameters that the document has', async () => {
    const routes = documentedRoutes(document);
    expect(routes.length).toBeGreaterThan(30);
    for (const { method, path } of routes) {
      const route = `${method} ${path}`;
      const accepted = documented(path, method);
      const response = await service.as(method, `${place(path)}?nonsense=1&dryrun=true`);
      expect(response.status, route).toBe(400);
      if (method === 'head') continue;
      const { code, errors } = response.body as Problem;
      const names = accepted.length === 0 ? 'no query parameter' : `one of ${accepted.join(', ')}`;
      const expected = isRead(method) ? names : `${names}; send other fields in the body`;
      expect({ code, errors }, route).toEqual({
        code: isRead(method) ? 'INVALID_FILTER' : 'INVALID_REQUEST',
        errors: [
          { field: 'nonsense', expected, found: '"1"' },
          { field: 'dryrun', expected, found: '"true"' },
        ],
      });
    }
  });

  it.each(['__proto__', 'constructor', 'toString', 'namespace[]', 'NAMESPACE', 'namespace ', ''])(
    'is refused whatever it is called: %j',
    async (name) => {
      for (const path of ['/api/v1/whoami', '/api/v1/table', '/metrics']) {
        const response = await service.as('get', `${path}?${encodeURIComponent(name)}=x`);
        expect({ path, status: response.status }).toEqual({ path, status: 400 });
      }
    },
  );

  it('is reported only to clients with a valid token', async () => {
    expect((await service.raw('get', '/api/v1/settings?nonsense=1')).status).toBe(401);
  });

  it('changes nothing', async () => {
    const before = (await service.as('get', '/api/v1/settings/udp_timeout')).body as { readonly value: number };
    await service.as('patch', '/api/v1/settings?dryRun=true').send({ settings: { udp_timeout: before.value + 1 } });
    expect((await service.as('get', '/api/v1/settings/udp_timeout')).body).toMatchObject({ value: before.value });
  });

  it('does not keep the page from opening', async () => {
    expect((await service.raw('get', '/?utm_source=chat')).status).not.toBe(400);
  });
});

describe('a probe', () => {
  it.each(['/healthz?verbose', '/readyz?verbose=1'])('accepts %s, as Kubernetes does', async (path) => {
    expect((await service.raw('get', path)).status).toBe(200);
  });
});
