import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEdge, type Edge } from './edge.ts';
import { answerTo, listen } from './raw.ts';

let edge: Edge;
let port: number;
beforeAll(async () => {
  edge = await openEdge([], { allowedOrigins: ['https://dashboard.example'] });
  port = await listen(edge.app);
});
afterAll(() => edge.close());

const HEAD = 'POST /api/v1/tokens HTTP/1.1\r\nHost: localhost\r\n';
/** What a proxy that parses the first request differently would treat as a second request. */
const SMUGGLED = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';

describe('a request that two parsers could read differently', () => {
  it.each([
    ['both lengths', `${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['both lengths, the other way round', `${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`],
    ['two lengths', `${HEAD}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    ['the same length twice', `${HEAD}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`],
    ['a list of lengths', `${HEAD}Content-Length: 2, 2\r\n\r\n{}`],
    ['a signed length', `${HEAD}Content-Length: +2\r\n\r\n{}`],
    ['a space before the colon', `${HEAD}Content-Length : 2\r\n\r\n{}`],
    ['a folded header', `${HEAD}X-Folded: a\r\n b\r\nContent-Length: 0\r\n\r\n`],
    ['a bare line feed', `${HEAD}X-Bare: a\nContent-Length: 0\r\n\r\n`],
    ['bare line feeds only', 'POST /api/v1/tokens HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n'],
    ['a bare carriage return', `${HEAD}X-Bare: a\rContent-Length: 0\r\n\r\n`],
    ['a null byte', `${HEAD}X-Null: a\0b\r\n\r\n`],
    ['chunked, then identity', `${HEAD}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
    ['identity, then chunked', `${HEAD}Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n`],
    ['two transfer codings', `${HEAD}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n`],
    ['an unknown transfer coding', `${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['chunks in HTTP/1.0', 'POST /api/v1/tokens HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a line feed in a chunk extension', `${HEAD}Transfer-Encoding: chunked\r\n\r\n0;a=b\nX\r\n\r\n`],
    ['two hosts', 'GET /api/v1/whoami HTTP/1.1\r\nHost: localhost\r\nHost: attacker.example\r\n\r\n'],
    ['two origins', `${HEAD}Origin: http://localhost\r\nOrigin: http://attacker.example\r\n\r\n`],
    ['two tokens', `${HEAD}Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n`],
    ['no host', 'GET /api/v1/whoami HTTP/1.1\r\n\r\n'],
    ['a host in its target', 'GET http://attacker.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ])('is refused and the connection closed: %s', async (_what, sent) => {
    const { status, text } = await answerTo(port, sent + SMUGGLED);
    expect(status).toBe(400);
    expect(text).not.toMatch(/HTTP\/1\.1 (?!400)/);
    expect(text.toLowerCase()).toContain('connection: close');
  });
});

describe('headers', () => {
  it.each([
    ['one long', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`],
    ['many short', `GET / HTTP/1.1\r\nHost: localhost\r\n${'ab:cd\r\n'.repeat(5_000)}\r\n`],
    ['a long path', `GET /${'x'.repeat(17_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
  ])('may have 16 KiB in total, including the path: %s', async (_what, sent) => {
    expect(await answerTo(port, sent)).toMatchObject({ status: 431, body: { code: 'INVALID_REQUEST', status: 431 } });
  });

  it('are all checked, however many there are', async () => {
    const sent = `GET /api/v1/whoami HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${'a:b\r\n'.repeat(2_500)}Origin: https://attacker.example\r\n\r\n`;
    expect(await answerTo(port, sent)).toMatchObject({ status: 403, body: { code: 'ORIGIN_NOT_ALLOWED' } });
  });
});

describe('a body', () => {
  const post = (body: string) =>
    answerTo(
      port,
      `${HEAD}Connection: close\r\nAuthorization: Bearer ${edge.secret}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${String(body.length)}\r\n\r\n${body}`,
    );

  it.each([
    ['nested deeply', `{"name":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, 400, 'MALFORMED_JSON'],
    ['never closed', '['.repeat(60_000), 400, 'MALFORMED_JSON'],
    ['with a field twice', '{"name": "a", "name": "b"}', 400, 'DUPLICATE_FIELD'],
    ['with a field twice, once escaped', '{"name": "a", "n\\u0061me": "b"}', 400, 'DUPLICATE_FIELD'],
    ['with __proto__', '{"name": "a", "__proto__": {"scopes": []}}', 400, 'MALFORMED_JSON'],
    ['with constructor', '{"name": "a", "constructor": {"prototype": {}}}', 400, 'INVALID_REQUEST'],
    ['larger than 64 KiB', `{"name": "${'x'.repeat(66_000)}"}`, 413, 'PAYLOAD_TOO_LARGE'],
  ])('is refused: %s', async (_what, body, status, code) => {
    expect(await post(body)).toMatchObject({ status, body: { code } });
  });

  it('is refused by its Content-Length before it is sent', async () => {
    const sent = `${HEAD}Authorization: Bearer ${edge.secret}\r\nContent-Type: application/json\r\nContent-Length: 10000000\r\n\r\n{`;
    expect(await answerTo(port, sent)).toMatchObject({ status: 413 });
  });
});

describe('a slow client', () => {
  const dripping = (start: string) => [start, ...Array.from({ length: 40 }, () => 'x')];

  it.concurrent.each([
    ['says nothing', []],
    ['sends its headers byte by byte', dripping('GET / HTTP/1.1\r\nHost: localhost\r\nX: ')],
    ['sends its body byte by byte', dripping(`${HEAD}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n`)],
  ])(
    'is cut off within 15 s: it %s',
    async (_what, sent) => {
      const begun = performance.now();
      const { status } = await answerTo(port, sent, 500);
      expect(performance.now() - begun).toBeLessThan(15_000);
      expect([401, 408]).toContain(status);
    },
    30_000,
  );
});
