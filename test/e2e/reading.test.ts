import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import type { Entry } from '../../src/domain/entry.ts';
import { toText } from './ask.ts';
import { startService, type Service } from './service.ts';

interface Page {
  readonly items: readonly Entry[];
  readonly nextCursor?: string;
  readonly summary: { readonly outcome: string; readonly entries: number };
}

let service: Service;

describe.each(['nf_conntrack', 'ip_conntrack'] as const)('reading a %s kernel', (layout) => {
  /** One line of the newer tree cannot be parsed. */
  const outcome = layout === 'nf_conntrack' ? 'lossy' : 'complete';
  beforeAll(async () => {
    service = await startService(layout);
  });
  afterAll(() => service.close());

  const page = async (query = ''): Promise<Page> => (await service.as('get', `/api/v1/entries${query}`).expect(200)).body as Page;

  it('shows the table with its derived values', async () => {
    const { body } = (await service.as('get', '/api/v1/table').expect(200)) as { body: Record<string, number> };
    expect(body).toMatchObject({ layout, max: 65_536 });
    expect(body['averageChainLength']).toBeCloseTo((2 * (body['count'] ?? 0)) / (body['buckets'] ?? 0));
    expect(body['memory']).toMatchObject({ bucketsBytes: 8 * (body['buckets'] ?? 0), objectBytes: expect.any(Number) as number });
  });

  it('sums the counters of all CPUs under the kernel’s names', async () => {
    const { body } = (await service.as('get', '/api/v1/table/counters').expect(200)) as {
      body: { perCpu: Record<string, number>[]; totals: Record<string, number> };
    };
    expect(body.perCpu.length).toBeGreaterThan(0);
    expect(body.totals['found']).toBe(body.perCpu.reduce((sum, cpu) => sum + (cpu['found'] ?? 0), 0));
    expect(body.totals).not.toHaveProperty('entries');
  });

  it('lists every setting the kernel has, and shows one', async () => {
    const { body } = (await service.as('get', '/api/v1/settings').expect(200)) as { body: { layout: string; items: { name: string }[] } };
    expect(body.layout).toBe(layout);
    expect(body.items.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['max', 'buckets', 'tcp_timeout_established', 'udp_timeout']),
    );
    const one = await service.as('get', '/api/v1/settings/tcp_timeout_established').expect(200);
    expect(one.body).toMatchObject({ name: 'tcp_timeout_established', value: 432_000, unit: 'seconds' });
  });

  it('lists the capabilities, persisting included', async () => {
    const { body } = (await service.as('get', '/api/v1/capabilities').expect(200)) as { body: { capabilities: { name: string }[] } };
    expect(body).toMatchObject({ layout });
    expect(body.capabilities.map(({ name }) => name)).toContain('persist');
  });

  it('pages through the entries: each exactly once, in order of id', async () => {
    const all = await page('?limit=1000');
    expect(all.summary.outcome).toBe(outcome);
    const collected: Entry[] = [];
    let cursor: string | undefined;
    do {
      const { items, nextCursor } = await page(`?limit=3${cursor === undefined ? '' : `&cursor=${cursor}`}`);
      expect(items.length).toBeLessThanOrEqual(3);
      collected.push(...items);
      cursor = nextCursor;
    } while (cursor !== undefined);
    expect(collected).toEqual(all.items);
    expect(new Set(collected.map(({ id }) => id)).size).toBe(collected.length);
  });

  it('streams the same entries as NDJSON, ending with a trailer', async () => {
    const all = await page('?limit=1000');
    const { body, headers } = await service
      .as('get', '/api/v1/entries')
      .set('accept', 'application/x-ndjson')
      .expect(200)
      .buffer()
      .parse(toText);
    const lines = String(body)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Entry & { trailer?: { outcome: string; entries: number } });
    expect(headers['content-type']).toBe('application/x-ndjson');
    expect(headers['vary']).toContain('Accept');
    expect(lines.at(-1)?.trailer).toMatchObject({ outcome, entries: all.items.length });
    expect(lines.slice(0, -1).sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(all.items);
  });

  it('streams CSV with a header, filtered', async () => {
    const { text, headers } = await service.as('get', '/api/v1/entries?protocol=tcp').set('accept', 'text/csv').expect(200);
    const [header, ...rows] = text.trimEnd().split('\r\n');
    expect(headers['content-type']).toContain('text/csv');
    expect(header).toMatch(/^id,family,protocol,/);
    expect(rows.at(-1)).toMatch(new RegExp(`^# ${outcome} entries=`));
    expect(rows.slice(0, -1).length).toBe((await page('?protocol=tcp&limit=1000')).items.length);
    expect(rows.slice(0, -1).every((row) => row.split(',')[2] === 'tcp')).toBe(true);
  });

  it.each([
    ['family=ipv4', ({ family }: Entry) => family === 'ipv4'],
    ['protocol=UDP', ({ protocol }: Entry) => protocol === 'udp'],
    ['protocol=6', ({ protocol }: Entry) => protocol === 'tcp'],
    ['state=established', ({ state }: Entry) => state === 'ESTABLISHED'],
    ['source=10.0.0.0/8', ({ original }: Entry) => original.source.startsWith('10.')],
    ['destination=192.0.2.0%2F24', ({ original }: Entry) => original.destination.startsWith('192.0.2.')],
    ['destinationPort=443&protocol=tcp', ({ original, protocol }: Entry) => original.destinationPort === 443 && protocol === 'tcp'],
    ['mark=0x0', ({ mark = 0 }: Entry) => mark === 0],
  ])('filters by %s', async (query, matching) => {
    const all = await page('?limit=1000');
    const expected = all.items.filter(matching);
    expect((await page(`?limit=1000&${query}`)).items).toEqual(expected);
  });

  it('shows the token of the caller', async () => {
    const { body } = await service.raw('get', '/api/v1/whoami', service.token('table:read')).expect(200);
    expect(body).toMatchObject({ name: 'e2e', scopes: ['table:read'], expiresAt: null, revokedAt: null, version: manifest.version });
  });

  it('is alive and ready without a token', async () => {
    expect((await service.raw('get', '/healthz').expect(200)).body).toEqual({ status: 'alive', version: manifest.version });
    expect((await service.raw('get', '/readyz').expect(200)).body).toEqual({ status: 'ready' });
  });
});

describe('without conntrack loaded', () => {
  beforeAll(async () => {
    service = await startService('not-loaded');
  });
  afterAll(() => service.close());

  it.each(['/api/v1/table', '/api/v1/table/counters', '/api/v1/settings', '/api/v1/entries', '/readyz'])(
    '%s says so and what to do',
    async (path) => {
      const { body } = await service.as('get', path).expect(503);
      expect(body).toMatchObject({ code: 'CONNTRACK_NOT_LOADED', remedy: expect.stringContaining('modprobe') as string });
    },
  );

  it('is alive, lists its capabilities, and serves tokens and changes', async () => {
    await service.raw('get', '/healthz').expect(200);
    await service.as('get', '/api/v1/changes').expect(200);
    const { body } = (await service.as('get', '/api/v1/capabilities').expect(200)) as {
      body: { layout?: string; capabilities: { name: string; available: boolean }[] };
    };
    expect(body.layout).toBeUndefined();
    expect(body.capabilities).toContainEqual(expect.objectContaining({ name: 'persist', available: true }));
  });

  it('detects when the module is loaded', async () => {
    await service.tree.write('/proc/sys/net/netfilter/nf_conntrack_max', '65536\n');
    await service.tree.write('/proc/sys/net/netfilter/nf_conntrack_count', '0\n');
    await service.tree.write('/proc/sys/net/netfilter/nf_conntrack_buckets', '16384\n');
    expect((await service.as('get', '/api/v1/table').expect(200)).body).toMatchObject({ max: 65_536, count: 0 });
    await service.raw('get', '/readyz').expect(200);
  });
});
