import { afterEach, describe, expect, it } from 'vitest';
import { ask, type Answer, type Ask } from './ask.ts';
import { openEdge, type Edge } from './edge.ts';

let edge: Edge;
afterEach(() => edge.close());

const whoami = (secret?: string): Ask => get('/api/v1/whoami', secret);

function get(path: string, secret?: string): Ask {
  const request = ask(edge.app.getHttpServer(), 'get', path);
  return secret === undefined ? request : request.set('authorization', `Bearer ${secret}`);
}

async function statuses(count: number, path: string, secret?: string): Promise<Readonly<Record<number, number>>> {
  const answers: Answer[] = [];
  for (let n = 0; n < count; n += 1) answers.push(await get(path, secret));
  return Object.fromEntries([...Map.groupBy(answers, ({ status }) => status)].map(([status, group]) => [status, group.length]));
}

describe('an unknown token', () => {
  it('is looked up 20 times per minute for an address, and then refused without a lookup', async () => {
    edge = await openEdge([], { rateLimit: 1_000 });
    expect(await statuses(22, '/api/v1/whoami', 'nonsense')).toEqual({ 401: 20, 429: 2 });
    const { body, headers } = await whoami('nonsense');
    expect(body).toMatchObject({
      code: 'RATE_LIMITED',
      status: 429,
      detail: expect.stringContaining('20 invalid tokens per minute') as string,
    });
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(3);
  });

  it('does not lock out known tokens, only tokens that are new', async () => {
    edge = await openEdge([], { rateLimit: 1_000 });
    expect((await whoami(edge.secret)).status).toBe(200);
    const newcomer = edge.newSecret();
    await statuses(25, '/api/v1/whoami', 'nonsense');
    expect((await whoami(edge.secret)).status).toBe(200);
    expect((await whoami(newcomer)).status).toBe(429);
    expect((await whoami()).status).toBe(401);
  });

  it('counts for the connecting address, whatever its headers say', async () => {
    edge = await openEdge([], { rateLimit: 1_000 });
    const answers: number[] = [];
    for (let n = 0; n < 22; n += 1)
      answers.push((await get('/api/v1/whoami', 'nonsense').set('x-forwarded-for', `192.0.2.${String(n)}`)).status);
    expect(answers.filter((status) => status === 429)).toHaveLength(2);
  });

  it('may be one that was valid before and is revoked now', async () => {
    edge = await openEdge([], { rateLimit: 1_000 });
    const secret = edge.newSecret();
    expect((await whoami(secret)).status).toBe(200);
    edge.revoke(secret);
    expect(await statuses(21, '/api/v1/whoami', secret)).toEqual({ 401: 20, 429: 1 });
  });
});

describe('requests over the rate limit', () => {
  it('are refused for their token and for no other', async () => {
    edge = await openEdge([], { rateLimit: 1 });
    const other = edge.newSecret();
    await whoami(edge.secret);
    await whoami(other);
    const counted = await statuses(8, '/api/v1/whoami', edge.secret);
    expect(counted[200]).toBeGreaterThanOrEqual(4);
    expect(counted[429]).toBeGreaterThanOrEqual(1);
    const { body, headers } = await whoami(edge.secret);
    expect(body).toMatchObject({ code: 'RATE_LIMITED', detail: 'This token exceeds 1 requests per second (burst: 4).' });
    expect(headers).toMatchObject({ 'retry-after': '1', 'ratelimit-policy': '"token";q=4;w=4' });
    expect(headers['ratelimit']).toMatch(/^"token";r=0;t=[34]$/);
    expect((await whoami(other)).status).toBe(200);
  });

  it.each(['/', '/api/v1/nothing', '/openapi.json', '/metrics'])(
    'are refused to the address where they have no token: %s',
    async (path) => {
      edge = await openEdge([], { rateLimit: 1, openMetrics: true });
      const counted = await statuses(8, path);
      expect(counted[429]).toBeGreaterThanOrEqual(1);
      expect((await get(path)).headers['ratelimit-policy']).toBe('"address";q=4;w=4');
    },
  );

  it('are never refused if they are probes', async () => {
    edge = await openEdge([], { rateLimit: 1 });
    expect(await statuses(12, '/healthz', 'nonsense')).toEqual({ 200: 12 });
  });

  it('are not counted if there is no limit', async () => {
    edge = await openEdge([], { rateLimit: 0 });
    expect(await statuses(30, '/api/v1/whoami', 'nonsense')).toEqual({ 401: 30 });
    expect((await whoami(edge.secret)).headers).not.toHaveProperty('ratelimit');
  });
});
