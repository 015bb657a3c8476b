import { Controller, Get } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Tokens } from '../../src/application/ports/tokens.ts';
import { SCOPES, type Scope } from '../../src/domain/token.ts';
import { declaredAccess, refuseUndeclaredRoutes } from '../../src/http/access/declared-access.ts';
import { CONTROLLERS } from '../../src/http/http.ts';
import { operationsOf, requestPath } from '../contract/schemas.ts';
import { startService, type Service } from './service.ts';

type Method = 'get' | 'head' | 'put' | 'post' | 'patch' | 'delete';

/** The required scopes, repeated on purpose: a scope that is changed by mistake fails here. */
const POLICY: readonly (readonly [Method, string, readonly Scope[]])[] = [
  ['get', '/api/v1/table', ['table:read']],
  ['get', '/api/v1/table/counters', ['table:read']],
  ['get', '/api/v1/table/history', ['table:read']],
  ['get', '/api/v1/table/sizing', ['table:read']],
  ['get', '/api/v1/helpers', ['table:read']],
  ['get', '/api/v1/entries', ['entries:read']],
  ['head', '/api/v1/entries', ['entries:read']],
  ['get', '/api/v1/entries/summary', ['entries:read']],
  ['get', '/api/v1/entries/{id}', ['entries:read']],
  ['get', '/api/v1/events', ['entries:read']],
  ['get', '/api/v1/expectations', ['entries:read']],
  ['delete', '/api/v1/entries/{id}', ['entries:delete']],
  ['patch', '/api/v1/entries/{id}', ['entries:update']],
  ['patch', '/api/v1/entries', ['entries:update']],
  ['post', '/api/v1/entries/delete', ['entries:delete']],
  ['post', '/api/v1/entries/flush', ['entries:delete']],
  ['post', '/api/v1/entries/end', ['entries:delete']],
  ['get', '/api/v1/blocks', ['entries:read']],
  ['delete', '/api/v1/blocks/{change}', ['entries:delete']],
  ['get', '/api/v1/settings', ['table:read']],
  ['get', '/api/v1/settings/{name}', ['table:read']],
  ['patch', '/api/v1/settings', ['settings:write']],
  ['post', '/api/v1/settings/unpersist', ['settings:persist']],
  ['get', '/api/v1/guard', ['table:read']],
  ['put', '/api/v1/guard', ['settings:write']],
  ['get', '/api/v1/guard/preview', ['table:read']],
  ['get', '/api/v1/desired', ['table:read']],
  ['put', '/api/v1/desired', ['settings:write']],
  ['get', '/api/v1/desired/status', ['table:read']],
  ['get', '/api/v1/boot', ['table:read']],
  ['post', '/api/v1/module/load', ['settings:write']],
  ['get', '/api/v1/changes', ['changes:read']],
  ['get', '/api/v1/changes/{id}', ['changes:read']],
  ['post', '/api/v1/changes/{id}/rollback', ['settings:write', 'settings:persist']],
  ['post', '/api/v1/changes/rollback-to', ['settings:write', 'settings:persist']],
  ['get', '/api/v1/changes/awaiting-confirmation', ['changes:read']],
  ['post', '/api/v1/changes/{id}/confirm', ['settings:write']],
  ['get', '/api/v1/changes/verify', ['changes:read']],
  ['get', '/api/v1/changes/export', ['changes:read', 'entries:read']],
  ['get', '/api/v1/tokens', ['tokens:admin']],
  ['post', '/api/v1/tokens', ['tokens:admin']],
  ['get', '/api/v1/tokens/{id}/record', ['tokens:admin']],
  ['post', '/api/v1/tokens/{id}/rotate', ['tokens:admin']],
  ['delete', '/api/v1/tokens/{id}', ['tokens:admin']],
  ['get', '/api/v1/webhooks', ['webhooks:admin']],
  ['post', '/api/v1/webhooks', ['webhooks:admin', 'changes:read', 'table:read']],
  ['get', '/api/v1/webhooks/{id}', ['webhooks:admin']],
  ['delete', '/api/v1/webhooks/{id}', ['webhooks:admin']],
  ['post', '/api/v1/webhooks/{id}/resume', ['webhooks:admin']],
  ['get', '/api/v1/whoami', []],
  ['get', '/api/v1/capabilities', ['table:read']],
  ['get', '/api/v1/namespaces', ['table:read']],
  ['get', '/metrics', ['table:read']],
];
const OPEN = ['/', '/healthz', '/readyz'];

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly 'x-required-scopes'?: readonly Scope[] }>>>>;
}

let service: Service;
beforeAll(async () => {
  service = await startService('nf_conntrack', { namespaces: true });
});
afterAll(() => service.close());

const without = (scopes: readonly Scope[]): Scope[] => SCOPES.filter((scope) => !scopes.includes(scope));
// Without a basis, sizing needs the peak of samples, which this service does not take.
const filled = (path: string): string =>
  path
    .replace('{name}', 'max')
    .replace('{id}', '4711')
    .replace(/sizing$/, 'sizing?connections=1000');

it('every route declares its access, and the policy lists every route', async () => {
  const document = (await service.raw('get', '/openapi.json').expect(200)).body as Document;
  const described = Object.entries(document.paths).flatMap(([path, operations]) =>
    operationsOf(operations).map(([method, operation]) => [method, requestPath(path, operations), operation['x-required-scopes']] as const),
  );
  const needingToken = described.filter(([, , scopes]) => scopes !== undefined);
  expect(needingToken.toSorted()).toEqual([...POLICY].toSorted());
  const open = declaredAccess(CONTROLLERS).filter(({ access }) => access?.kind === 'open');
  expect(open).toHaveLength(OPEN.length);
  expect(declaredAccess(CONTROLLERS)).toHaveLength(POLICY.length + OPEN.length);
});

it('a route without declared access does not start', () => {
  @Controller('forgotten')
  class ForgottenController {
    @Get()
    read(): string {
      return 'open by oversight';
    }
  }
  expect(() => {
    refuseUndeclaredRoutes([ForgottenController]);
  }).toThrow('ForgottenController.read: declare @RequiresScope');
});

/** A response to HEAD has no body. */
function codeIn(method: Method, body: unknown, onHead = 'UNAUTHENTICATED'): string {
  return method === 'head' ? onHead : (body as { code: string }).code;
}

describe.each(POLICY)('%s %s', (method, path, scopes) => {
  it('refuses a request without a token', async () => {
    const { status, body, headers } = await service.raw(method, filled(path));
    expect([status, codeIn(method, body)]).toEqual([401, 'UNAUTHENTICATED']);
    expect(headers['www-authenticate']).toBe('Bearer realm="conntrack-api"');
  });

  it('refuses an unknown token', async () => {
    const { status, headers } = await service.raw(method, filled(path), 'ctapi_000000000000_nonsense');
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBe('Bearer realm="conntrack-api", error="invalid_token"');
  });

  it.each(scopes)('refuses a token that lacks only %s', async (scope) => {
    const { status, body, headers } = await service.raw(method, filled(path), service.token(...without([scope])));
    expect([status, codeIn(method, body, 'INSUFFICIENT_SCOPE')]).toEqual([403, 'INSUFFICIENT_SCOPE']);
    expect(headers['www-authenticate']).toContain(`error="insufficient_scope", scope="${scopes.join(' ')}"`);
  });

  it('accepts a token with exactly the required scopes', async () => {
    const [any = 'changes:read'] = scopes;
    const { status } = await service.raw(method, filled(path), service.token(any, ...scopes));
    expect([200, 201, 400, 404, 501]).toContain(status);
  });
});

describe('a token', () => {
  it('is checked before the body is read', async () => {
    await service.raw('patch', '/api/v1/settings').set('content-type', 'application/json').send('{malformed').expect(401);
    await service
      .raw('patch', '/api/v1/settings', service.token('table:read'))
      .set('content-type', 'application/json')
      .send('{malformed')
      .expect(403);
  });

  it('cannot persist without settings:persist, and changes nothing', async () => {
    const secret = service.token('settings:write', 'table:read');
    const { body } = await service
      .raw('patch', '/api/v1/settings', secret)
      .send({ settings: { max: 131_072 }, persist: true })
      .expect(403);
    expect(body).toMatchObject({ code: 'INSUFFICIENT_SCOPE', detail: expect.stringContaining('settings:persist') as string });
    expect((await service.raw('get', '/api/v1/settings/max', secret)).body).toMatchObject({ value: 65_536 });
  });

  it('is created, works, is listed without its secret, is revoked, and stops working', async () => {
    const made = (
      await service
        .as('post', '/api/v1/tokens')
        .send({ name: 'deploy', scopes: ['table:read'] })
        .expect(201)
    ).body as { id: string; token: string };
    await service.raw('get', '/api/v1/table', made.token).expect(200);
    const list = await service.as('get', '/api/v1/tokens').expect(200);
    expect((list.body as { items: object[] }).items).toContainEqual(
      expect.objectContaining({ id: made.id, name: 'deploy', revokedAt: null }),
    );
    expect(list.text).not.toContain(made.token);
    const revoked = await service.as('delete', `/api/v1/tokens/${made.id}`).expect(200);
    expect((revoked.body as { revokedAt: string }).revokedAt).toMatch(/^\d{4}-.*Z$/);
    expect((await service.raw('get', '/api/v1/table', made.token).expect(401)).body).toMatchObject({ code: 'TOKEN_REVOKED' });
    expect((await service.as('delete', `/api/v1/tokens/${made.id}`).expect(200)).body).toEqual(revoked.body);
  });

  it('cannot create a token with more scopes than its own', async () => {
    const secret = service.token('tokens:admin', 'table:read');
    const ask = (scopes: Scope[]) => service.raw('post', '/api/v1/tokens', secret).send({ name: 'more', scopes });
    await ask(['table:read']).expect(201);
    expect((await ask(['table:read', 'settings:write']).expect(403)).body).toMatchObject({ code: 'INSUFFICIENT_SCOPE' });
  });

  it('stops working when it expires', async () => {
    const { secret } = service.app.get(Tokens).create('brief', ['table:read'], new Date(Date.now() + 150));
    await service.raw('get', '/api/v1/table', secret).expect(200);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const { body, headers } = await service.raw('get', '/api/v1/table', secret).expect(401);
    expect(body).toMatchObject({ code: 'TOKEN_EXPIRED' });
    expect(headers['www-authenticate']).toContain('error="invalid_token"');
  });
});
