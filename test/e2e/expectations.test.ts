import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Expectation, ExpectationSummary } from '../../src/domain/expectation.ts';
import { toText, type Ask } from './ask.ts';
import { startService, type Service } from './service.ts';

interface Page {
  readonly items: readonly Expectation[];
  readonly nextCursor?: string;
  readonly summary: ExpectationSummary;
}

const TEXT = '/proc/net/nf_conntrack_expect';

let service: Service;
afterAll(() => service.close());

const get = (query = ''): Ask => service.as('get', `/api/v1/expectations${query}`);
const page = async (query = ''): Promise<Page> => (await get(query).expect(200)).body as Page;
const line = (port: number, helper = 'ftp'): string => `9 l3proto = 2 proto=6 src=10.0.0.1 dst=10.0.0.2 sport=0 dport=${port} ${helper}\n`;

describe('GET /expectations of a kernel without ctnetlink', () => {
  let recorded: string;
  beforeAll(async () => {
    service = await startService('nf_conntrack');
    recorded = await service.tree.read(TEXT);
  });
  afterEach(() => service.tree.write(TEXT, recorded));

  it('reads the text file', async () => {
    const { items, summary } = await page();
    expect(summary).toEqual({ outcome: 'complete', expectations: 5, unparsed: 0, source: TEXT });
    expect(items.map(({ helper }) => helper).sort()).toEqual(['ftp', 'ftp', 'pptp', 'rpc', 'sip']);
  });

  it('selects by family and helper, and counts', async () => {
    expect((await page('?family=ipv6')).items.map(({ tuple }) => tuple.destination)).toEqual(['2001:db8::1']);
    expect((await page('?helper=sip')).items).toMatchObject([{ className: 'signalling', flags: ['PERMANENT'] }]);
    expect(await page('?helper=ftp&count=true')).toMatchObject({ items: [], summary: { expectations: 2 } });
  });

  it('returns pages that hold each expectation once, and refuses the cursor of another list', async () => {
    const ids: string[] = [];
    let cursor = '';
    do {
      const { items, nextCursor } = await page(`?limit=2${cursor && `&cursor=${cursor}`}`);
      ids.push(...items.map(({ id }) => id));
      cursor = nextCursor ?? '';
    } while (cursor !== '');
    expect(ids).toEqual((await page()).items.map(({ id }) => id));
    const { nextCursor } = await page('?limit=2');
    expect((await get(`?limit=2&helper=ftp&cursor=${String(nextCursor)}`).expect(400)).body).toMatchObject({ code: 'INVALID_CURSOR' });
    const entries = (await service.as('get', '/api/v1/entries?limit=1').expect(200)).body as Page;
    expect((await get(`?cursor=${String(entries.nextCursor)}`).expect(400)).body).toMatchObject({ code: 'INVALID_CURSOR' });
  });

  it('counts lines that it cannot parse', async () => {
    await service.tree.write(TEXT, `${line(1)}nonsense\n${'x'.repeat(70_000)}\n${line(2)}`);
    expect((await page()).summary).toMatchObject({ outcome: 'lossy', expectations: 2, unparsed: 2 });
  });

  it('streams more than one batch, each once, and stops at the limit', async () => {
    const many = Array.from({ length: 10_000 }, (_, port) => line(port + 1)).join('');
    await service.tree.write(TEXT, many);
    const stream = async (query: string) => {
      const response = await get(query).set('accept', 'application/x-ndjson').buffer().parse(toText).expect(200);
      const records = (response.body as string)
        .trimEnd()
        .split('\n')
        .map((text) => JSON.parse(text) as Expectation & { trailer?: ExpectationSummary });
      return { trailer: records.pop()?.trailer, ids: records.map(({ id }) => id) };
    };
    const whole = await stream('');
    expect(whole.trailer).toMatchObject({ outcome: 'complete', expectations: 10_000 });
    expect(new Set(whole.ids).size).toBe(10_000);
    const part = await stream('?limit=5000');
    expect(part.trailer).toMatchObject({ outcome: 'truncated', expectations: 5_000 });
    expect(part.ids).toEqual(whole.ids.slice(0, 5_000));
    expect((await get('?count=true').set('accept', 'application/x-ndjson').expect(400)).body).toMatchObject({ code: 'INVALID_FILTER' });
  });

  it('responds 501 with the reason if there is no text file either', async () => {
    await rm(join(service.tree.root, TEXT));
    const { body } = await get().expect(501);
    expect(body).toMatchObject({ code: 'NOT_SUPPORTED_HERE' });
    expect((body as { detail: string }).detail).toContain(`${TEXT} does not exist`);
  });

  it.each(['?limit=0', '?limit=1001', '?family=ipv5', '?helper=', '?colour=red', '?count=maybe'])('refuses %s', async (query) => {
    expect((await get(query).expect(400)).body).toMatchObject({ code: 'INVALID_FILTER' });
  });
});

describe('GET /expectations of a legacy kernel', () => {
  beforeAll(async () => {
    await service.close();
    service = await startService('ip_conntrack');
  });

  it('reads ip_conntrack_expect', async () => {
    const { items, summary } = await page();
    expect(summary).toMatchObject({ expectations: 2, source: '/proc/net/ip_conntrack_expect' });
    expect(items.map(({ timeoutSeconds }) => timeoutSeconds)).toEqual([297, undefined]);
  });

  it('reads the lines behind the entries of Linux 2.4', async () => {
    await rm(join(service.tree.root, '/proc/net/ip_conntrack_expect'));
    const entries = await service.tree.read('/proc/net/ip_conntrack');
    expect(await page()).toMatchObject({ items: [], summary: { outcome: 'complete', source: '/proc/net/ip_conntrack' } });
    await service.tree.write(
      '/proc/net/ip_conntrack',
      `${entries}EXPECTING: - use=1 proto=6 src=192.0.2.10 dst=10.0.0.5 sport=0 dport=4001 \n`,
    );
    expect((await page()).items).toMatchObject([{ protocol: 'tcp', tuple: { destinationPort: 4_001 } }]);
  });
});
