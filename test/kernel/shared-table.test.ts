import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Home } from './support/home.ts';
import { makeEntries } from './support/made-entries.ts';
import { host, NetworkNamespace } from './support/network-namespace.ts';
import { Service } from './support/service.ts';

const ENTRIES = 101_000;

interface PlanBody {
  readonly risks: readonly { readonly code: string; readonly level: string; readonly message: string }[];
}
interface TableBody {
  readonly count: number;
  readonly buckets: number;
  readonly hostEntries: number;
  readonly hostEntriesBasis: string;
  readonly averageChainLength: number;
  readonly findings: readonly { readonly code: string; readonly message: string }[];
}

let full: NetworkNamespace;
let home: Home;
let named: Service;

beforeAll(async () => {
  full = await NetworkNamespace.create('full');
  await makeEntries(full, ENTRIES);
  home = await Home.create();
  named = await Service.start(host, home, await home.createToken(), 0, ['--namespaces']);
});
afterAll(async () => {
  await named.stop();
  await full.delete();
  await home.remove();
});

const plan = async (service: Service, settings: object): Promise<PlanBody['risks']> => {
  const body = { settings, dryRun: true, confirmWithinSeconds: 60 };
  return (await service.request<PlanBody>('PATCH', '/settings', { body })).body.risks;
};

describe('another network namespace that has 101,000 entries', () => {
  it('is named by the plan of a lower max, from any namespace', async () => {
    const risks = await plan(named, { max: 1_000 });
    const below = risks.find(({ code }) => code === 'MAX_BELOW_COUNT');
    expect(below).toMatchObject({ level: 'acknowledge' });
    expect(below?.message).toMatch(new RegExp(`${full.name} \\(\\d{6} entries\\)`));
  });

  it('is in the stall of a resize', async () => {
    const { buckets } = (await named.request<TableBody>('GET', '/table')).body;
    const stall = (await plan(named, { buckets: buckets * 2 })).find(({ code }) => code === 'RESIZE_STALL');
    expect(stall?.message).toMatch(/while 1\d{5} entries of all network namespaces/);
  });

  it('is in the average chain length, its metric and the findings', async () => {
    const { count, buckets, hostEntries, hostEntriesBasis, averageChainLength, findings } = (
      await named.request<TableBody>('GET', '/table')
    ).body;
    expect(hostEntriesBasis).toBe('slab');
    expect(hostEntries).toBeGreaterThanOrEqual(ENTRIES + count);
    expect(averageChainLength).toBeCloseTo((2 * hostEntries) / buckets);
    expect(findings.find(({ code }) => code === 'SHARED_WITH_NAMESPACES')?.message).toContain(full.name);
    const { text: metrics } = await named.request('GET', '/../../metrics');
    expect(Number(/^conntrack_api_average_chain_length (\S+)$/m.exec(metrics)?.[1])).toBeGreaterThanOrEqual((2 * ENTRIES) / buckets);
  });

  it('needs an acknowledgement of a lower max also where namespaces are not read separately', async () => {
    const own = await Home.create();
    const service = await Service.start(host, own, await own.createToken());
    try {
      const risk = (await plan(service, { max: 1_000 })).find(({ code }) => code === 'MAX_BELOW_COUNT_UNKNOWN');
      expect(risk).toMatchObject({ level: 'acknowledge', message: expect.stringMatching(/^About 1\d{5} entries/) as string });
    } finally {
      await service.stop();
      await own.remove();
    }
  });
});
