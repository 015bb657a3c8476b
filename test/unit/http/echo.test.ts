import { describe, expect, it } from 'vitest';
import { bearerIn, challenge } from '../../../src/http/server/bearer.ts';
import { foundIn, printable } from '../../../src/http/input/printable.ts';
import { NumberLiteral } from '../../../src/http/input/strict-json.ts';
import { KnownRoutes } from '../../../src/http/edge/known-routes.ts';
import { requestIdOf } from '../../../src/http/edge/response-headers.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('text in responses', () => {
  it('shows a value as it was sent', () => {
    expect(foundIn('131072')).toEqual({ found: '"131072"' });
    expect(foundIn(new NumberLiteral('1e9999'))).toEqual({ found: '1e9999' });
    expect(foundIn(null)).toEqual({ found: 'null' });
    expect(foundIn(undefined)).toEqual({});
  });

  it('is cut at 64 characters and cannot forge a line or move a cursor', () => {
    expect(printable('x'.repeat(100))).toBe(`${'x'.repeat(63)}…`);
    expect(printable('a\r\nb\u001b[2J\u202e')).toBe('a\u{FFFD}\u{FFFD}b\u{FFFD}[2J\u{FFFD}');
  });
});

describe('the request id', () => {
  it('is the client’s if it is well-formed', () => {
    expect(requestIdOf({ headers: { 'x-request-id': 'job-7.retry_2' } })).toBe('job-7.retry_2');
  });

  it.each(['', 'a b', 'x'.repeat(129), 'a\nb', 'ü'])('is generated instead of %j', (id) => {
    expect(requestIdOf({ headers: { 'x-request-id': id } })).toMatch(UUID);
  });
});

describe('bearer credentials', () => {
  it.each(['Bearer abc.-_~+/==', 'bearer abc', 'BEARER   abc '])('are read from %j', (header) => {
    expect(bearerIn(header)).toMatch(/^abc/);
  });

  it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic YTpi', 'Bearer a b', 'Bearer "abc"', 'Bearerabc'])('are not in %j', (header) => {
    expect(bearerIn(header)).toBeUndefined();
  });

  it('are requested as in RFC 6750', () => {
    expect(challenge()).toBe('Bearer realm="conntrack-api"');
    expect(challenge('invalid_token')).toBe('Bearer realm="conntrack-api", error="invalid_token"');
    expect(challenge('insufficient_scope', ['settings:write', 'settings:persist'])).toBe(
      'Bearer realm="conntrack-api", error="insufficient_scope", scope="settings:write settings:persist"',
    );
  });
});

describe('known routes', () => {
  const routes = new KnownRoutes();
  routes.add('/api/v1/changes/:id', 'GET');
  routes.add('/api/v1/changes/:id', ['HEAD']);
  routes.add('/api/v1/changes/:id/rollback', 'POST');
  routes.add('/docs/*', 'GET');

  it.each([
    ['/api/v1/changes/7', ['GET', 'HEAD']],
    ['/api/v1/changes/7?x=/rollback', ['GET', 'HEAD']],
    ['/api/v1/changes/7/rollback', ['POST']],
    ['/docs/swagger-ui.css', ['GET']],
    ['/api/v1/changes/', []],
    ['/api/v1/changes/7/', []],
    ['/apixv1/changes/7', []],
  ])('%s has the methods %j', (url, methods) => {
    expect(routes.methodsAt(url)).toEqual(methods);
  });
});
