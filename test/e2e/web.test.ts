import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService, type Service } from './service.ts';

let service: Service;

describe('every response', () => {
  beforeAll(async () => {
    service = await startService('nf_conntrack', { allowedHosts: ['conntrack.example'] });
  });
  afterAll(() => service.close());

  it.each(['/api/v1/table', '/api/v1/nothing', '/healthz', '/%zz', '/openapi.json'])(
    'carries a request id, the caller’s own if it has one: %s',
    async (path) => {
      expect((await service.as('get', path)).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
      expect((await service.as('get', path).set('x-request-id', 'job-7')).headers['x-request-id']).toBe('job-7');
      expect((await service.as('get', path).set('x-request-id', 'a b')).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  it.each(['/api/v1/table', '/api/v1/nothing', '/readyz', '/%zz'])('must not be cached: %s', async (path) => {
    expect((await service.as('get', path)).headers['cache-control']).toBe('no-store');
  });

  it('has security headers for browsers, and none that would need TLS', async () => {
    const { headers } = await service.as('get', '/api/v1/table');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
    expect(headers).not.toHaveProperty('strict-transport-security');
    expect(headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
    expect(headers['content-security-policy']).toMatch(/base-uri 'none'.*frame-ancestors 'none'.*object-src 'none'/);
    expect(headers).not.toHaveProperty('conntrack-simulated');
  });

  it.each(['/api/v1/table', '/docs', '/docs/', '/docs/swagger-ui.css', '/openapi.json', '/', '/assets/nothing.js'])(
    'is refused under a host name that is not ours: %s',
    async (path) => {
      const { status, body } = await service.as('get', path).set('host', 'attacker.example');
      expect([status, (body as { code: string }).code]).toEqual([421, 'HOST_NOT_ALLOWED']);
    },
  );

  it('is sent for an allowed host name, and to probes for any', async () => {
    await service.as('get', '/api/v1/table').set('host', 'conntrack.example:443').expect(200);
    await service.raw('get', '/healthz').set('host', '10.1.2.3:8477').expect(200);
    await service.raw('get', '/readyz?verbose').set('host', '10.1.2.3:8477').expect(200);
    await service.raw('get', '/readyz').set('host', '10.1.2.3:8477').expect(200);
  });

  it('is refused to pages of another site', async () => {
    const ask = (origin: string) => service.as('get', '/api/v1/table').set('host', 'localhost:8477').set('origin', origin);
    expect((await ask('https://attacker.example').expect(403)).body).toMatchObject({ code: 'ORIGIN_NOT_ALLOWED' });
    await ask('null').expect(403);
    await ask('http://localhost:8477').expect(200);
  });

  it('has no CORS headers for other pages, even for a preflight', async () => {
    for (const origin of ['http://localhost:8477', 'https://attacker.example']) {
      const preflight = await service
        .raw('options', '/api/v1/settings')
        .set('host', 'localhost:8477')
        .set('origin', origin)
        .set('access-control-request-method', 'PATCH');
      expect([403, 405]).toContain(preflight.status);
      expect(Object.keys(preflight.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });

  it('is refused to a page of another site that sends a change and hides its origin', async () => {
    const ask = (method: 'get' | 'patch') => service.as(method, '/api/v1/settings').set('sec-fetch-site', 'cross-site');
    expect((await ask('patch').expect(403)).body).toMatchObject({ code: 'ORIGIN_NOT_ALLOWED' });
    await ask('get').expect(200);
  });

  it('to HEAD is the response to GET without a body', async () => {
    const response = await service.raw('get', '/healthz').expect(200);
    const head = await service.raw('head', '/healthz').expect(200);
    expect(head.headers['content-type']).toBe(response.headers['content-type']);
    expect(head.headers['content-length']).toBe(response.headers['content-length']);
    expect(head.body).toEqual({});
  });
});

describe('a page whose origin is allowed', () => {
  const origin = 'https://dashboard.example';
  beforeAll(async () => {
    service = await startService('nf_conntrack', { allowedOrigins: [origin] });
  });
  afterAll(() => service.close());

  it('gets the allowed headers in a preflight, and can read the responses', async () => {
    const preflight = await service
      .raw('options', '/api/v1/settings')
      .set('origin', origin)
      .set('access-control-request-method', 'PATCH')
      .expect(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, HEAD, PUT, POST, PATCH, DELETE',
      'access-control-allow-headers': expect.stringContaining('Authorization') as string,
    });
    expect(preflight.headers).not.toHaveProperty('access-control-allow-credentials');
    const response = await service.as('get', '/api/v1/entries').set('origin', origin).set('sec-fetch-site', 'cross-site').expect(200);
    expect(response.headers).toMatchObject({ 'access-control-allow-origin': origin, vary: 'Accept, Accept-Encoding, Origin' });
    const refused = await service.raw('get', '/api/v1/table').set('origin', origin).expect(401);
    expect(refused.headers['access-control-allow-origin']).toBe(origin);
  });

  it('is the only one', async () => {
    const { headers } = await service
      .raw('options', '/api/v1/settings')
      .set('origin', 'https://attacker.example')
      .set('access-control-request-method', 'PATCH')
      .expect(403);
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    expect((await service.as('get', '/api/v1/table').expect(200)).headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('the documents', () => {
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.close());

  it('need no token and load nothing from other origins, with a policy that forbids inline scripts', async () => {
    const { text, headers } = await service.raw('get', '/docs').expect(200);
    const loaded = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url = '']) => url).filter((url) => !url.startsWith('#'));
    expect(loaded.length).toBeGreaterThan(3);
    for (const url of loaded) {
      expect(url).toMatch(/^\.\/docs\//);
      await service.raw('get', url.slice(1).trim()).expect(200);
    }
    expect(headers['content-security-policy']).toContain("script-src 'self';");
    expect(text).not.toMatch(/<script>|\son\w+=/);
  });

  it('support authorisation, do not store the token, and use no external validator', async () => {
    const { text } = await service.raw('get', '/docs/swagger-ui-init.js').expect(200).buffer();
    expect(text).toContain('"persistAuthorization": false');
    expect(text).toContain('"validatorUrl": null');
    const document = await service.raw('get', '/openapi.json').expect(200);
    expect(document.body).toMatchObject({ components: { securitySchemes: { token: { scheme: 'bearer' } } } });
  });
});

describe('the page', () => {
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.close());

  const filesOf = (html: string): readonly string[] => [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, url = '']) => url);

  it('is at /, needs no token, and has no inline code and nothing from other origins', async () => {
    const { text, headers } = await service.raw('get', '/').expect(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(filesOf(text)).toHaveLength(3);
    for (const file of filesOf(text)) await service.raw('get', file).set('host', 'attacker.example').expect(421);
    expect(text).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*\ssrc=)|https?:\/\//);
    await service.raw('head', '/').expect(200);
  });

  it('has a policy that allows only what it needs', async () => {
    const { headers } = await service.raw('get', '/').expect(200);
    const policy = String(headers['content-security-policy']);
    for (const directive of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "form-action 'none'"]) {
      expect(policy.split('; ')).toContain(directive);
    }
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  });

  it('is revalidated each time, and its files are cached permanently', async () => {
    const page = await service.raw('get', '/').expect(200);
    expect(page.headers['cache-control']).toBe('no-cache');
    await service
      .raw('get', '/')
      .set('if-none-match', page.headers['etag'] ?? '')
      .expect(304);
    for (const url of filesOf(page.text)) {
      expect(url).toMatch(/-[\w-]{8}\.(?:js|css|svg)$/);
      const { headers } = await service.raw('get', url).expect(200);
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(headers['content-type']).toMatch(/^(?:application\/javascript|text\/css|image\/svg\+xml)/);
    }
  });

  it.each(['/assets/', '/assets/nothing.js', '/assets/.hidden', '/assets/..%2findex.html', '/assets/..%2f..%2fmain.js', '/index.html'])(
    'has no other files: %s',
    async (path) => {
      const { status, body, headers } = await service.raw('get', path);
      expect([400, 403, 404]).toContain(status);
      expect(headers['content-type']).toContain('application/problem+json');
      expect((body as { code: string }).code).toMatch(/ROUTE_NOT_FOUND|INVALID_REQUEST/);
    },
  );

  it('is read-only', async () => {
    const { status, headers } = await service.raw('post', '/');
    expect([status, headers['allow']]).toEqual([405, 'GET, HEAD']);
  });
});

describe('over a recorded kernel tree', () => {
  beforeAll(async () => {
    service = await startService('nf_conntrack', { simulated: true });
  });
  afterAll(() => service.close());

  it.each(['/api/v1/table', '/api/v1/entries', '/api/v1/settings/max', '/api/v1/changes', '/api/v1/nothing', '/healthz', '/%zz'])(
    '%s is marked as simulated',
    async (path) => {
      const { body, headers } = await service.as('get', path);
      expect(body).toMatchObject({ simulated: true });
      expect(headers['conntrack-simulated']).toBe('true');
    },
  );

  it.each(['text/csv', 'application/x-ndjson'])('%s is marked as simulated', async (accept) => {
    expect((await service.as('get', '/api/v1/entries').set('accept', accept)).headers['conntrack-simulated']).toBe('true');
  });

  it('a change is marked as simulated', async () => {
    expect(
      (
        await service
          .as('patch', '/api/v1/settings')
          .send({ settings: { udp_timeout: 45 } })
          .expect(200)
      ).body,
    ).toMatchObject({ simulated: true });
  });
});
