import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from './ask.ts';
import { startService, type Service } from './service.ts';

interface Problem {
  readonly type: string;
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly requestId: string;
  readonly errors?: readonly { readonly field: string; readonly expected: string; readonly found?: string }[];
}

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

function expectProblem(response: Answer, status: number, code: string): Problem {
  const problem = response.body as Problem;
  expect({ status: response.status, code: problem.code }).toEqual({ status, code });
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(problem).toMatchObject({
    status,
    type: `urn:conntrack-api:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    requestId: response.headers['x-request-id'],
  });
  return problem;
}

const patch = (body: string, type = 'application/json') => service.as('patch', '/api/v1/settings').set('content-type', type).send(body);

describe('a value that is not a JSON integer', () => {
  it.each([
    ['"131072"', '"131072"'],
    ['1.0', '1.0'],
    ['131072.5', '131072.5'],
    ['1e5', '1e5'],
    ['1e9999', '1e9999'],
    ['-0', '-0'],
    ['99999999999999999999', '99999999999999999999'],
    ['true', 'true'],
    ['null', 'null'],
    ['[131072]', '[131072]'],
    ['{}', '{}'],
    ['"0x20"', '"0x20"'],
  ])('is refused and quoted as sent: %s', async (literal, found) => {
    const problem = expectProblem(await patch(`{"settings": {"max": ${literal}}}`), 400, 'INVALID_REQUEST');
    expect(problem.errors).toEqual([{ field: 'settings.max', expected: 'a JSON integer without fraction, exponent or quotes', found }]);
  });

  it.each(['0x20', '010', '+1', 'Infinity', '131072,', '131_072'])('is refused as malformed JSON: %s', async (literal) => {
    expectProblem(await patch(`{"settings": {"max": ${literal}}}`), 400, 'MALFORMED_JSON');
  });
});

describe('an integer out of the range of the setting', () => {
  it.each(['0', '-1', '2147483648'])('is refused with the range: %s', async (literal) => {
    const problem = expectProblem(await patch(`{"settings": {"max": ${literal}}}`), 422, 'VALUE_OUT_OF_RANGE');
    expect(problem.errors?.[0]).toMatchObject({ field: 'settings.max', found: literal });
  });
});

describe('a body', () => {
  it.each(['maxx', 'constructor', 'toString', '../../max', ''])(
    'cannot change the setting %j, which the kernel does not have',
    async (name) => {
      const problem = expectProblem(await patch(JSON.stringify({ settings: { [name]: 5 } })), 422, 'SETTING_UNKNOWN');
      expect(problem.errors?.[0]?.field).toBe(`settings.${name}`);
    },
  );

  it.each(['dryrun', 'constructor', 'prototype', 'hasOwnProperty'])('has no field %s', async (field) => {
    const problem = expectProblem(await patch(`{"settings": {"max": 131072}, "${field}": true}`), 400, 'INVALID_REQUEST');
    expect(problem.errors).toEqual([
      {
        field,
        expected: 'one of acknowledge, confirmWithinSeconds, dryRun, persist, persistLast, reason, settings, supersedes',
        found: 'true',
      },
    ]);
  });

  it('cannot set a prototype', async () => {
    expectProblem(await patch('{"settings": {"__proto__": {"max": 1}}}'), 400, 'MALFORMED_JSON');
  });

  it.each(['{"settings": {"max": 131072, "max": 65536}}', '{"settings": {"max": 131072, "max": 131072}}'])(
    'cannot name a setting twice: %s',
    async (body) => {
      expect(expectProblem(await patch(body), 400, 'DUPLICATE_FIELD').errors?.[0]?.field).toBe('max');
    },
  );

  it.each(['[]', '"max"', '1', 'null', 'true', '[{"settings": {"max": 131072}}]'])('must be an object: %s', async (body) => {
    expect(expectProblem(await patch(body), 400, 'INVALID_REQUEST').errors?.[0]?.expected).toBe('a JSON object');
  });

  it.each(['', '{}', '{"settings": {}}', '{"persist": false}', '{"reason": "nothing"}'])('must contain a change: %j', async (body) => {
    expect(expectProblem(await patch(body), 400, 'INVALID_REQUEST').errors?.[0]?.field).toBe('settings');
  });

  it.each([
    ['{"settings": [], "persist": true}', 'settings'],
    ['{"settings": null, "persist": true}', 'settings'],
    ['{"persist": "true"}', 'persist'],
    ['{"persist": 1}', 'persist'],
    ['{"persist": true, "dryRun": "true"}', 'dryRun'],
    ['{"persist": true, "acknowledge": "MAX_MEMORY"}', 'acknowledge'],
    ['{"persist": true, "acknowledge": ["ALL"]}', 'acknowledge'],
    ['{"persist": true, "acknowledge": ["MAX_MEMORY", "MAX_MEMORY"]}', 'acknowledge'],
    ['{"persist": true, "confirmWithinSeconds": "60"}', 'confirmWithinSeconds'],
    ['{"persist": true, "confirmWithinSeconds": 60.5}', 'confirmWithinSeconds'],
    ['{"persist": true, "confirmWithinSeconds": null}', 'confirmWithinSeconds'],
    ['{"persist": true, "reason": ""}', 'reason'],
    ['{"persist": true, "reason": null}', 'reason'],
    ['{"persist": true, "reason": "a\\u0000b"}', 'reason'],
    ['{"persist": true, "reason": "\\ud800"}', 'reason'],
    [`{"persist": true, "reason": "${'x'.repeat(501)}"}`, 'reason'],
  ])('must have fields of the right type: %s', async (body, field) => {
    const problem = expectProblem(await patch(body), 400, 'INVALID_REQUEST');
    expect(problem.errors?.map((error) => error.field)).toEqual([field]);
    expect(problem.errors?.[0]?.found?.length).toBeLessThanOrEqual(64);
  });

  it.each(['{"settings": {"max": 1}', '{settings: {}}', "{'settings': {}}", 'max=131072', '\u0000'])('must be JSON: %s', async (body) => {
    expectProblem(await patch(body), 400, 'MALFORMED_JSON');
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/merge-patch+json', 'application/problem+json', 'nonsense'])(
    'must be sent as JSON, not as %s',
    async (type) => {
      expectProblem(await patch('{"settings": {"max": 131072}}', type), 415, 'UNSUPPORTED_MEDIA_TYPE');
    },
  );

  it('may declare its charset', async () => {
    expectProblem(await patch('{"settings": {"max": 0}}', 'application/json; charset=utf-8'), 422, 'VALUE_OUT_OF_RANGE');
  });

  it('may not be larger than 64 KiB', async () => {
    expectProblem(await patch(`{"reason": "${'x'.repeat(70_000)}"}`), 413, 'PAYLOAD_TOO_LARGE');
  });

  it('cannot be replaced by query parameters', async () => {
    const response = await service.as('patch', '/api/v1/settings?dryRun=true').send({ settings: { max: 131_072 } });
    expect(expectProblem(response, 400, 'INVALID_REQUEST').errors?.[0]).toMatchObject({ field: 'dryRun', found: '"true"' });
  });

  it('of a new token is checked field by field', async () => {
    const response = await service
      .as('post', '/api/v1/tokens')
      .send({ name: ' ', scopes: ['table:read', 'table:read'], expiresAt: '2026-02-30T00:00:00Z' });
    expect(
      expectProblem(response, 400, 'INVALID_REQUEST')
        .errors?.map(({ field }) => field)
        .sort(),
    ).toEqual(['expiresAt', 'name', 'scopes']);
  });

  it('of a new token must not have an expiry in the past', async () => {
    const response = await service
      .as('post', '/api/v1/tokens')
      .send({ name: 'late', scopes: ['table:read'], expiresAt: '2020-01-01T00:00:00Z' });
    expect(expectProblem(response, 400, 'INVALID_REQUEST').errors?.[0]?.field).toBe('expiresAt');
  });
});

describe('a query parameter', () => {
  it.each([
    'family=ipv5',
    'protocol=t%20cp',
    'state=a-b',
    'source=10.0.0',
    'source=10.0.0.0/33',
    'destination=fe80::1%25eth0',
    'destination=example.com',
    'sourcePort=65536',
    'destinationPort=0x50',
    'mark=0xg',
    'mark=4294967296',
    'limit=0',
    'limit=1001',
    'limit=ten',
    'limit=',
    'limit=1&limit=2',
    'protocol=tcp&protocol=udp',
    'sport=1',
    '__proto__=1',
    'constructor=1',
    'family[]=ipv4',
  ])('of the entries is refused: %s', async (query) => {
    const problem = expectProblem(await service.as('get', `/api/v1/entries?${query}`), 400, 'INVALID_FILTER');
    expect(problem.errors?.map(({ field }) => field)).toEqual([decodeURIComponent(query.split('=')[0] ?? '')]);
  });

  it.each(['outcome=done', 'since=yesterday', 'until=2026-02-30T00:00:00Z', 'setting=MAX!', 'namespace=', 'namespace=a%2Fb', 'page=2'])(
    'of the changes is refused: %s',
    async (query) => {
      expectProblem(await service.as('get', `/api/v1/changes?${query}`), 400, 'INVALID_FILTER');
    },
  );

  it.each([
    '/api/v1/entries?cursor=AAAA',
    '/api/v1/changes?cursor=AAAA',
    `/api/v1/changes?cursor=${Buffer.from('[1,"x",-1]').toString('base64url')}`,
  ])('that is not a valid cursor is refused: %s', async (path) => {
    expectProblem(await service.as('get', path), 400, 'INVALID_CURSOR');
  });

  it('for paging is refused on a stream', async () => {
    const response = await service.as('get', '/api/v1/entries?count=true').set('accept', 'text/csv');
    expect(expectProblem(response, 400, 'INVALID_FILTER').errors?.[0]).toMatchObject({ field: 'count', found: '"true"' });
  });
});

describe('a request for something that does not exist', () => {
  it.each([
    ['/api/v1/changes/4711', 'CHANGE_NOT_FOUND'],
    ['/api/v1/changes/0', 'CHANGE_NOT_FOUND'],
    ['/api/v1/changes/-1', 'CHANGE_NOT_FOUND'],
    ['/api/v1/changes/1e3', 'CHANGE_NOT_FOUND'],
    ['/api/v1/changes/99999999999999999999', 'CHANGE_NOT_FOUND'],
    ['/api/v1/settings/maxx', 'SETTING_NOT_FOUND'],
    ['/api/v1/settings/..%2f..%2fmax', 'SETTING_NOT_FOUND'],
    ['/api/v1/settings/__proto__', 'SETTING_NOT_FOUND'],
    ['/api/v2/table', 'ROUTE_NOT_FOUND'],
    ['/api/v1/table/', 'ROUTE_NOT_FOUND'],
    ['/docs/nothing.css', 'ROUTE_NOT_FOUND'],
  ])('%s is %s', async (path, code) => {
    expectProblem(await service.as('get', path), 404, code);
  });

  it('does not roll back an unknown change or revoke an unknown token', async () => {
    expectProblem(await service.as('post', '/api/v1/changes/4711/rollback'), 404, 'CHANGE_NOT_FOUND');
    expectProblem(await service.as('delete', '/api/v1/tokens/nobody'), 404, 'TOKEN_NOT_FOUND');
  });

  it.each([
    ['put', '/api/v1/settings', 'GET, HEAD, PATCH'],
    ['post', '/api/v1/settings/max', 'GET, HEAD'],
    ['get', '/api/v1/changes/7/rollback', 'POST'],
    ['delete', '/api/v1/changes/7', 'GET, HEAD'],
    ['get', '/api/v1/changes/7/confirm', 'POST'],
    ['get', '/api/v1/changes/rollback-to', 'POST'],
    ['delete', '/api/v1/changes/rollback-to', 'POST'],
    ['post', '/api/v1/changes/verify', 'GET, HEAD'],
    ['post', '/api/v1/changes/export', 'GET, HEAD'],
    ['post', '/api/v1/changes/awaiting-confirmation', 'GET, HEAD'],
    ['patch', '/healthz', 'GET, HEAD'],
  ] as const)('with the wrong method, %s %s, says which are right', async (method, path, allow) => {
    const response = await service.as(method, path);
    expectProblem(response, 405, 'METHOD_NOT_ALLOWED');
    expect(response.headers['allow']).toBe(allow);
  });

  it.each(['text/html', 'application/xml, text/yaml', 'application/json;q=0'])('is refused when only %s is accepted', async (accept) => {
    expectProblem(await service.as('get', '/api/v1/entries').set('accept', accept), 406, 'NOT_ACCEPTABLE');
  });

  it.each(['/%zz', '/api/v1/settings/%ff', '/docs/../../package.json', `/api/v1/settings/${'x'.repeat(200)}`])(
    'by a URL that cannot be is refused: %s',
    async (path) => {
      expectProblem(await service.as('get', path), 400, 'INVALID_REQUEST');
    },
  );
});

it('no change was recorded for any of these requests', async () => {
  const { body } = await service.as('get', '/api/v1/changes').expect(200);
  expect((body as { items: unknown[] }).items).toEqual([]);
});
