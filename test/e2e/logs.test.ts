import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SpawnedService } from './spawned-service.ts';

interface Line {
  readonly level: number;
  readonly requestId?: string;
  readonly path?: string;
  readonly [name: string]: unknown;
}

let service: SpawnedService;
let api: string;
let secret: string;

beforeEach(async () => {
  service = await SpawnedService.prepare();
  service.start('--first-token', '--rate-limit', '0');
  api = await service.untilSaid(/API +(http:\S+)/);
  secret = await service.untilSaid(/admin token +(\S+)/);
});
afterEach(() => service.remove());

const logged = (): readonly Line[] => service.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Line);
const refused = (): readonly Line[] => logged().filter(({ status }) => status === 401);

/** Waits until this request is in the log, and so are all before it. */
async function lineOf(id: string): Promise<Line | undefined> {
  await service.untilSaid(new RegExp(`"requestId":"${id}".*"msg":"request"`));
  return logged().find(({ requestId, msg }) => requestId === id && msg === 'request');
}

async function ask(path: string, requestId: string, bearer?: string): Promise<string> {
  const authorization = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
  return (await fetch(`${api}${path}`, { headers: { ...authorization, 'x-request-id': requestId } })).text();
}

describe('the log', () => {
  it('has a line per request with client, path, status and request id, without the query', async () => {
    await ask('/entries?limit=2&filter=source%3D10.0.0.1', 'first', secret);
    expect(await lineOf('first')).toMatchObject({
      ...{ level: 30, method: 'GET', path: '/api/v1/entries', from: '127.0.0.1', status: 200 },
      ...{ actor: 'first-admin', tokenId: expect.stringMatching(/^[0-9a-f]{12}$/) as string, milliseconds: expect.any(Number) as number },
    });
    await ask('/settings/nonsense', 'second', secret);
    expect(await lineOf('second')).toMatchObject({ status: 404, code: 'SETTING_NOT_FOUND' });
  });

  it('names the trace of a request that names a valid one, also of one that is refused', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    for (const [id, sent] of [
      ['traced', traceparent],
      ['untraced', `${traceparent}-x`],
    ] as const) {
      await fetch(`${api}/table`, { headers: { traceparent: sent, 'x-request-id': id } });
    }
    expect(await lineOf('traced')).toMatchObject({ status: 401, traceparent });
    expect(await lineOf('untraced')).not.toHaveProperty('traceparent');
  });

  it('contains no id of an entry, which encodes its addresses', async () => {
    await ask('/entries/0411cb00714dc63364b1040001bb030000-00000001?namespace=x', 'an-entry', secret);
    expect(await lineOf('an-entry')).toMatchObject({ path: '/api/v1/entries/…' });
    await ask('/entries/summary?by=protocol', 'summary', secret);
    expect(await lineOf('summary')).toMatchObject({ path: '/api/v1/entries/summary' });
  });

  it('contains no secret, wherever it was sent', async () => {
    await ask(`/table?token=${secret}`, 'in-query', secret);
    await ask(`/tokens/${secret}`, 'in-path', secret);
    await ask('/tokens/eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.', 'jwt', secret);
    await ask('/table', 'wrong', `${secret.slice(0, -1)}x`);
    await lineOf('wrong');
    const text = service.lines.filter((line) => line.startsWith('{')).join('\n');
    expect(logged().length).toBeGreaterThan(3);
    expect(text).not.toContain(secret.slice(20, 60));
    expect(text).not.toContain('eyJhbGci');
  });

  it('has one printable JSON object per line, whatever is sent', async () => {
    const socket = connect(Number(new URL(api).port), '127.0.0.1');
    const path = '/api/v1/%0a%1b[2J%c2%9b%e2%80%ae';
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: \u009bforged\r\nConnection: close\r\n\r\n`, 'latin1');
    await once(socket.resume(), 'close');
    await ask('/table', 'after', secret);
    await lineOf('after');
    expect(logged().some((line) => line.path?.includes('%1b[2J'))).toBe(true);
    for (const line of service.lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });

  it('is not filled by unauthenticated requests: they are counted, and not recorded as changes', async () => {
    for (let batch = 0; batch < 10; batch += 1)
      await Promise.all(Array.from({ length: 40 }, (_, each) => ask('/changes', `denied-${String(batch)}-${String(each)}`, 'wrong')));
    await new Promise((later) => setTimeout(later, 1_100));
    await ask('/changes', 'last', 'wrong');
    await lineOf('last');
    expect(refused().length).toBeGreaterThanOrEqual(30);
    expect(refused().length).toBeLessThan(60);
    const unlogged = refused().reduce((sum, line) => sum + ((line['unlogged'] as number | undefined) ?? 0), 0);
    expect(refused().length + unlogged).toBe(401);
    const metrics = await (await fetch(api.replace('/api/v1', '/metrics'), { headers: { authorization: `Bearer ${secret}` } })).text();
    expect(metrics).toMatch(/^conntrack_api_http_problems_total\{code="UNAUTHENTICATED"\} 401$/m);
    expect(JSON.parse(await ask('/changes', 'record', secret))).toMatchObject({ items: [] });
  });
});
