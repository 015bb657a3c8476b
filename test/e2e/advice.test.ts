import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TakeSample } from '../../src/application/table/take-sample.ts';
import { SettableClock } from '../integration/journal/settable-clock.ts';
import { startService, type Service } from './service.ts';

const START = Date.parse('2026-11-27T00:00:00Z');
const SYSCTL = '/proc/sys/net/netfilter/nf_conntrack_';
const COUNTERS = '/proc/net/stat/nf_conntrack';

interface TableBody {
  readonly findings: readonly {
    readonly code: string;
    readonly level: string;
    readonly remedy: string;
    readonly evidence: Record<string, number>;
  }[];
  readonly notChecked: readonly { readonly codes: readonly string[]; readonly reason: string }[];
}
interface CountersBody {
  readonly rates: readonly {
    readonly windowSeconds: number;
    readonly seconds?: number;
    readonly totals?: Record<string, number>;
    readonly reason?: string;
  }[];
  readonly meanings: readonly { readonly name: string; readonly alwaysZero?: true }[];
}
interface SizingBody {
  readonly recommended: { readonly max: number; readonly buckets: number; readonly entriesBytes: { readonly minimum: number } };
  readonly patch: object;
  readonly steps: readonly { readonly step: string; readonly value: number }[];
  readonly comparisons: readonly { readonly name: string; readonly sizing?: { readonly entriesPerBucket: number } }[];
  readonly risks: readonly { readonly code: string }[];
}

let service: Service;
let clock: SettableClock;
let seconds = 0;

beforeAll(async () => {
  clock = new SettableClock(new Date(START).toISOString());
  service = await startService('nf_conntrack', {}, clock);
});
afterAll(() => service.close());

async function get<Body>(path: string): Promise<Body> {
  return (await service.as('get', `/api/v1${path}`).expect(200)).body as Body;
}

async function tick(events: { readonly drop?: number; readonly early?: number; readonly chain?: number }): Promise<void> {
  seconds += 10;
  clock.set(new Date(START + seconds * 1000).toISOString());
  const row = [events.drop ?? 0, events.early ?? 0, events.chain ?? 0].map((value) => value.toString(16).padStart(8, '0')).join(' ');
  await service.tree.write(COUNTERS, `entries clashres new drop early_drop chainlength\n00000000 00000000 00000000 ${row}\n`);
  await service.app.get(TakeSample).run();
}

describe('the findings of the table', () => {
  it('follow from its limits, and list the checks that need samples', async () => {
    await service.tree.write(`${SYSCTL}count`, '60000\n');
    const { findings, notChecked } = await get<TableBody>('/table');
    expect(findings.map(({ code, level }) => [code, level])).toEqual([
      ['TABLE_NEARLY_FULL', 'warning'],
      ['CHAIN_LIMIT_AT_MAX', 'warning'],
    ]);
    expect(notChecked.flatMap(({ codes }) => codes)).toEqual(
      expect.arrayContaining(['EARLY_DROPS', 'CHAIN_TOO_LONG', 'ORPHANED_ESTABLISHED']),
    );
  });

  it('include recent counter increases with their rate, once sampled', async () => {
    await tick({ drop: 5, early: 5, chain: 5 });
    for (let n = 1; n <= 7; n += 1) await tick({ drop: 5 + 10 * n, early: 5 + 20 * n, chain: 5 + 30 * n });
    const { findings, notChecked } = await get<TableBody>('/table');
    expect(findings.map(({ code }) => code).slice(0, 3)).toEqual(['EARLY_DROPS', 'DROPS', 'CHAIN_TOO_LONG']);
    expect(findings[0]?.evidence).toMatchObject({ early_drop: 140, seconds: 70, perSecond: 2 });
    expect(findings[2]?.remedy).toMatch(/Raise buckets to at least \d+/);
    expect(notChecked.flatMap(({ codes }) => codes)).not.toContain('DROPS');
  });

  it('include orphaned flows after a summary was requested, without an additional pass', async () => {
    const missing = async (): Promise<boolean> =>
      (await get<TableBody>('/table')).notChecked.some(({ codes }) => codes.includes('ORPHANED_ESTABLISHED'));
    expect(await missing()).toBe(true);
    await get('/entries/summary?protocol=tcp');
    expect(await missing()).toBe(true);
    await get('/entries/summary');
    expect(await missing()).toBe(false);
    clock.set(new Date(START + (seconds + 901) * 1000).toISOString());
    expect(await missing()).toBe(true);
    clock.set(new Date(START + seconds * 1000).toISOString());
  });
});

describe('the counters', () => {
  it('have rates over one minute, and a reason if the window is longer than the sampled time', async () => {
    const { rates, meanings } = await get<CountersBody>('/table/counters');
    expect(rates).toMatchObject([
      { windowSeconds: 60, seconds: 60, totals: { drop: 1, early_drop: 2, chainlength: 3 } },
      { windowSeconds: 300, reason: 'The oldest reading is only 70 s old.' },
    ]);
    expect(rates[1]).not.toHaveProperty('totals');
    expect(meanings.filter(({ alwaysZero }) => alwaysZero).map(({ name }) => name)).toEqual(['new']);
  });

  it('give a reason if there is no sampler', async () => {
    const without = await startService('nf_conntrack', { sampleSeconds: 0 });
    const { body } = (await without.as('get', '/api/v1/table/counters').expect(200)) as { body: CountersBody };
    expect(body.rates.map(({ reason }) => reason)).toEqual([expect.stringContaining('--sample-seconds=0'), expect.anything()]);
    const table = (await without.as('get', '/api/v1/table').expect(200)) as { body: TableBody };
    expect(table.body.notChecked.find(({ codes }) => codes.includes('DROPS'))?.reason).toContain('--sample-seconds=0');
    await without.close();
  });
});

describe('the sizing advisor', () => {
  it('returns a body that PATCH /settings accepts', async () => {
    const { patch, recommended } = await get<SizingBody>('/table/sizing?connections=80000');
    expect(recommended).toMatchObject({ max: 120_000, buckets: 120_320 });
    expect(patch).toEqual({ settings: { max: 120_000, buckets: 120_320 } });
    const { body } = (await service
      .as('patch', '/api/v1/settings')
      .send({ ...patch, dryRun: true })
      .expect(200)) as { body: { steps: object[] } };
    expect(body.steps).toHaveLength(2);
  });

  it('sizes for the observed peak', async () => {
    const { steps, recommended } = await get<SizingBody>('/table/sizing?basis=peak&headroomPercent=200');
    expect(steps[0]).toMatchObject({ step: 'expected entries', value: 60_000 });
    expect(recommended.max).toBe(120_000);
  });

  it('lists the risks of the change', async () => {
    await service.tree.write(`${SYSCTL}count`, '60000\n');
    expect((await get<SizingBody>('/table/sizing?connections=100&headroomPercent=100')).risks.map(({ code }) => code)).toContain(
      'MAX_BELOW_COUNT',
    );
  });

  it('accepts a percentage of memory, if the memory size can be read', async () => {
    const refused = await service.as('get', '/api/v1/table/sizing?memoryPercent=10').expect(503);
    expect(refused.body).toMatchObject({ code: 'KERNEL_UNREADABLE' });
    await service.tree.write('/proc/meminfo', 'MemTotal:        8388608 kB\nMemAvailable:    6291456 kB\n');
    const { steps } = await get<SizingBody>('/table/sizing?memoryPercent=10');
    expect(steps[0]).toMatchObject({ step: 'memory budget', value: Math.floor((8_388_608 * 1024) / 10) });
  });

  it.each([
    ['connections=5&memoryBytes=1048576', 'memoryBytes'],
    ['connections=5&basis=peak', 'basis'],
    ['newPerSecond=5', 'lifetimeSeconds'],
    ['lifetimeSeconds=5', 'newPerSecond'],
    ['connections=5&lifetimeSeconds=5', 'lifetimeSeconds'],
    ['memoryBytes=1048576&headroomPercent=150', 'headroomPercent'],
    ['newPerSecond=100000000&lifetimeSeconds=31536000', 'newPerSecond'],
    ['connections=0', 'connections'],
    ['connections=1e6', 'connections'],
    ['memoryBytes=-1', 'memoryBytes'],
    ['basis=hope', 'basis'],
    ['headroomPercent=99&connections=5', 'headroomPercent'],
  ])('refuses %j, naming the parameter', async (query, field) => {
    const { body } = await service.as('get', `/api/v1/table/sizing?${query}`).expect(400);
    expect(body).toMatchObject({ code: 'INVALID_FILTER', errors: [{ field }] });
  });

  it('advises on the peak if no basis is named', async () => {
    const [named, unnamed] = await Promise.all(
      ['?basis=peak', ''].map(async (query) => (await service.as('get', `/api/v1/table/sizing${query}`)).body as object),
    );
    expect(unnamed).toEqual(named);
  });
});

describe('the sizing advisor on the legacy layout', () => {
  it('returns the classic numbers: 8 per list, 128 per list, 304 MB', async () => {
    const legacy = await startService('ip_conntrack');
    const sizing = async (): Promise<SizingBody> =>
      (await legacy.as('get', '/api/v1/table/sizing?connections=1000000&headroomPercent=100').expect(200)).body as SizingBody;
    const before = await sizing();
    expect(before.recommended.entriesBytes.minimum).toBe(304_000_000);
    expect(before.comparisons[0]?.sizing?.entriesPerBucket).toBe(8);
    for (const path of ['/proc/sys/net/ipv4/ip_conntrack_max', '/proc/sys/net/ipv4/netfilter/ip_conntrack_max'])
      await legacy.tree.write(path, '1048576\n');
    expect((await sizing()).comparisons[0]?.sizing?.entriesPerBucket).toBe(128);
    const peak = await legacy.as('get', '/api/v1/table/sizing?basis=peak').expect(503);
    expect(peak.body).toMatchObject({ code: 'HISTORY_UNAVAILABLE', remedy: expect.stringContaining('connections') as string });
    await legacy.close();
  });
});
