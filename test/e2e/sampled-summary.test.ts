import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RecentSummary } from '../../src/application/table/recent-summary.ts';
import type { SummaryAnswer } from '../../src/domain/entry-summary.ts';
import { demoEntryLine } from '../../src/kernel/demo-entries.ts';
import { Schemas, type OpenApi } from '../contract/schemas.ts';
import type { Ask } from './ask.ts';
import { startService, type Service } from './service.ts';

const ENTRIES = 5_000;
let service: Service;

beforeAll(async () => {
  service = await startService();
  const lines = Array.from({ length: ENTRIES }, (_, n) => demoEntryLine(n)).join('');
  await service.tree.write('/proc/net/nf_conntrack', lines);
  await service.tree.write('/proc/sys/net/netfilter/nf_conntrack_count', `${ENTRIES}\n`);
});

afterAll(() => service.close());

const get = (query: string): Ask => service.as('get', `/api/v1/entries/summary?${query}`);
const summary = async (query: string): Promise<SummaryAnswer> => {
  const { status, body } = await get(query);
  expect(status).toBe(200);
  return body as SummaryAnswer;
};

describe('a sampled summary', () => {
  it('states what it read, and estimates what it can', async () => {
    const { body, headers } = await get('sample=1000&by=protocol,destinationPort&top=2');
    const answer = body as SummaryAnswer;
    expect(answer).toMatchObject({
      entries: 1_000,
      estimate: { share: 1, entries: ENTRIES, low: expect.any(Number) as number, high: ENTRIES },
      sample: { size: 1_000, entries: ENTRIES, exact: false, confidence: 0.95 },
      summary: { outcome: 'truncated', entries: 1_000, scanned: 1_000, filteredByKernel: false },
    });
    for (const { top, other, without } of answer.keys) {
      expect(other).not.toHaveProperty('estimate');
      expect(without).toHaveProperty('estimate');
      for (const { entries, estimate } of top) {
        expect(estimate).toMatchObject({ share: entries / 1_000, entries: 5 * entries });
        expect(estimate?.low).toBeLessThan(5 * entries);
        expect(estimate?.high).toBeGreaterThan(5 * entries);
      }
    }
    const document = (await service.raw('get', '/openapi.json')).body as OpenApi;
    expect(new Schemas(document).faults('summariseEntries', 200, headers['content-type'] ?? '', body)).toEqual([]);
  });

  it('estimates how many entries of the table match a filter, which does not change what it reads', async () => {
    const { entries, estimate, sample } = await summary('sample=1000&by=state&protocol=tcp');
    expect({ entries, estimate, sample }).toMatchObject({
      entries: 600,
      estimate: { share: 0.6, entries: 3_000 },
      sample: { size: 1_000, exact: false },
    });
  });

  it('equals the summary of the whole table, and is exact, if the table has no more entries', async () => {
    const { sample, ...whole } = await summary(`sample=${String(ENTRIES)}`);
    expect(sample).toEqual({ size: ENTRIES, entries: ENTRIES, exact: true, confidence: 0.95 });
    expect(whole).toEqual(await summary(''));
  });

  it('does not replace the summary of the whole table that findings use', async () => {
    const recent = service.app.get(RecentSummary);
    await summary('by=state');
    await summary('sample=1000&by=state');
    expect(recent.read()?.entries).toBe(ENTRIES);
  });

  it.each([
    ['sample=999', 'sample'],
    ['sample=10000001', 'sample'],
    ['sample=1e4', 'sample'],
    ['sample=', 'sample'],
    ['sample=1000&orderBy=bytes', 'orderBy'],
    ['sample=1000&orderBy=packets', 'orderBy'],
  ])('is refused: %s', async (query, field) => {
    const { status, body } = await get(query);
    expect({ status, body }).toMatchObject({ status: 400, body: { code: 'INVALID_FILTER', errors: [{ field }] } });
  });
});
