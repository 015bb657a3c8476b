import { request as httpRequest } from 'node:http';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KernelEntries } from '../../src/application/ports/kernel.ts';
import { ConntrackError } from '../../src/domain/conntrack-error.ts';
import type { DumpSummary, Entry } from '../../src/domain/entry.ts';
import { ask, toText, type Answer, type Ask } from './ask.ts';
import { openEdge } from './edge.ts';
import { startService, type Service } from './service.ts';

interface Page {
  readonly items: readonly Entry[];
  readonly summary: DumpSummary;
}

let service: Service;

beforeAll(async () => {
  service = await startService();
  await service.app.listen(0, '127.0.0.1');
});

afterAll(() => service.close());

const get = (query: string): Ask => service.as('get', `/api/v1/entries${query}`);
const page = async (query: string): Promise<Page> => (await get(query).expect(200)).body as Page;
const filtered = (filter: string): string => `?limit=1000&filter=${encodeURIComponent(filter)}`;

/** The raw body: superagent would unpack gzip and does not support zstd. */
async function bytes(query: string, encoding: string): Promise<{ readonly body: Buffer; readonly headers: Answer['headers'] }> {
  const address = await service.app.getUrl();
  const headers = { authorization: `Bearer ${service.token('entries:read')}`, accept: 'application/x-ndjson', 'accept-encoding': encoding };
  return new Promise((resolve, reject) => {
    httpRequest(`${address}/api/v1/entries${query}`, { headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        resolve({ body: Buffer.concat(parts), headers: response.headers as Answer['headers'] });
      });
    })
      .on('error', reject)
      .end();
  });
}

describe('the filter parameter', () => {
  it.each([
    ['protocol=tcp and not state=ESTABLISHED', ({ protocol, state }: Entry) => protocol === 'tcp' && state !== 'ESTABLISHED'],
    [
      'dport=53,443 or family=ipv6',
      ({ original, family }: Entry) => [53, 443].includes(original.destinationPort ?? 0) || family === 'ipv6',
    ],
    ['address=192.0.2.0/24 and zone=7', ({ original, zone }: Entry) => original.source.startsWith('192.0.2.') && zone === 7],
    ['status!=SEEN_REPLY', ({ status }: Entry) => !status.includes('SEEN_REPLY')],
  ])('selects by %s', async (filter, matches) => {
    const all = await page('?limit=1000');
    const expected = all.items.filter(matches);
    expect(expected.length).toBeGreaterThan(0);
    expect((await page(filtered(filter))).items).toEqual(expected);
  });

  it('and the other parameters must all match', async () => {
    const both = await page(`${filtered('protocol=udp or protocol=tcp')}&family=ipv6&destinationPort=53`);
    expect(both.items).toEqual((await page(filtered('protocol=udp,tcp and family=ipv6 and dport=53'))).items);
    expect(both.items.length).toBeGreaterThan(0);
  });

  it('reports the position of an error and what was expected', async () => {
    const { status, body } = await get(filtered('protocol=tcp and dport=http'));
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: 'INVALID_FILTER',
      errors: [{ field: 'filter', expected: expect.stringContaining('at position 23') as unknown }],
    });
  });

  it.each(['source=10.0.0.1%20or%20all', 'state=A,B', 'mark=1)', 'destinationPort=1-2%20and%20x'])(
    'is not smuggled in by another: %s',
    async (query) => {
      const { status, body } = await get(`?${query}`);
      expect({ status, body }).toMatchObject({ status: 400, body: { code: 'INVALID_FILTER', errors: [{ field: query.split('=')[0] }] } });
    },
  );
});

describe('the number of entries', () => {
  it('is the same with count=true, for HEAD, and on a page', async () => {
    const { items } = await page('?limit=1000&protocol=tcp');
    expect(await page('?count=true&protocol=tcp')).toMatchObject({
      items: [],
      summary: { outcome: 'lossy', entries: items.length, unparsed: 1 },
    });
    const { status, headers } = await service.as('head', '/api/v1/entries?protocol=tcp');
    expect([status, headers['conntrack-entries'], headers['conntrack-dump-outcome']]).toEqual([200, String(items.length), 'lossy']);
  });

  it('is refused for a stream, and with a value other than true and false', async () => {
    expect((await get('?count=true').set('accept', 'text/csv')).body).toMatchObject({
      code: 'INVALID_FILTER',
      errors: [{ field: 'count' }],
    });
    expect((await get('?count=yes')).body).toMatchObject({ code: 'INVALID_FILTER', errors: [{ field: 'count' }] });
  });

  it('is refused for HEAD as for GET', async () => {
    expect((await service.as('head', '/api/v1/entries?protocol=nonsense')).status).toBe(400);
    expect((await service.raw('head', '/api/v1/entries')).status).toBe(401);
  });
});

describe('a stream', () => {
  it('ends at its limit and reports truncated; a page has at most 1000', async () => {
    const { body } = await get('?limit=2').set('accept', 'application/x-ndjson').expect(200).buffer().parse(toText);
    const lines = String(body).trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[2] ?? '')).toMatchObject({ trailer: { outcome: 'truncated', entries: 2 } });
    expect((await get('?limit=1001')).body).toMatchObject({ code: 'INVALID_FILTER', errors: [{ field: 'limit' }] });
  });

  it('as text/x-conntrack-save has one line of options per entry and a comment', async () => {
    const { body, headers } = await get('?protocol=udp').set('accept', 'text/x-conntrack-save').expect(200).buffer().parse(toText);
    const lines = (body as string).trimEnd().split('\n');
    expect(headers['content-type']).toBe('text/x-conntrack-save; charset=utf-8');
    expect(lines.pop()).toMatch(/^# lossy entries=/);
    expect(lines).toHaveLength((await page('?limit=1000&protocol=udp')).items.length);
    for (const line of lines)
      expect(line).toMatch(/^-A -t \d+ -u [A-Z_,]+ .*-s \S+ -d \S+ -[gr] \S+ -[nq] \S+ -p udp --sport \d+ --dport \d+/);
  });

  it('as text/plain has one line per entry and a comment', async () => {
    const { body, headers } = await get('?protocol=udp').set('accept', 'text/plain').expect(200).buffer().parse(toText);
    const lines = String(body).trimEnd().split('\n');
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(lines.pop()).toMatch(/^# lossy entries=/);
    expect(lines).toHaveLength((await page('?limit=1000&protocol=udp')).items.length);
    for (const line of lines) expect(line).toMatch(/^ipv[46] +(?:2|10) udp +17 \d+ src=/);
  });

  it.each([
    ['gzip', gunzipSync],
    ['zstd', zstdDecompressSync],
  ])('in %s unpacks to the uncompressed body', async (encoding, unpack) => {
    const packed = await bytes('', encoding);
    const plain = await bytes('', 'identity');
    expect([packed.headers['content-encoding'], plain.headers['content-encoding']]).toEqual([encoding, undefined]);
    expect(packed.headers['vary']).toContain('Accept-Encoding');
    expect(unpack(packed.body).toString()).toBe(plain.body.toString());
  });
});

describe('an operation that this host does not support', () => {
  it('is refused for one entry and for namespaces on a recorded kernel tree', async () => {
    const [first] = (await page('?limit=1')).items;
    expect(await get(`/${first?.id ?? ''}`)).toMatchObject({ status: 501, body: { code: 'NOT_SUPPORTED_HERE' } });
    expect(await get('/garbage')).toMatchObject({ status: 404, body: { code: 'ENTRY_NOT_FOUND' } });
    expect(await get('?namespace=blue')).toMatchObject({ status: 403, body: { code: 'NAMESPACES_DISABLED' } });
  });
});

describe('too many dumps', () => {
  it.each(['application/json', 'text/csv'])('are refused before the first byte of %s, with Retry-After', async (accept) => {
    const refuse = (): Promise<never> => Promise.reject(new ConntrackError('TOO_MANY_DUMPS', '12 dumps of the table are already running.'));
    const edge = await openEdge([[KernelEntries, { page: refuse, stream: refuse }]]);
    const { status, headers, body } = await ask(edge.app.getHttpServer(), 'get', '/api/v1/entries')
      .set('authorization', `Bearer ${edge.secret}`)
      .set('accept', accept);
    await edge.close();
    expect({ status, body }).toMatchObject({ status: 429, body: { code: 'TOO_MANY_DUMPS' } });
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  });
});
