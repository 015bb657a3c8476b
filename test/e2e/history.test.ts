import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TakeSample } from '../../src/application/table/take-sample.ts';
import { SettableClock } from '../integration/journal/settable-clock.ts';
import { startService, type Service } from './service.ts';

const START = Date.parse('2026-11-27T00:00:00Z');
const COUNT = '/proc/sys/net/netfilter/nf_conntrack_count';
const COUNTERS = '/proc/net/stat/nf_conntrack';
const BOOT_ID = '/proc/sys/kernel/random/boot_id';

interface Body {
  readonly from: string;
  readonly to: string;
  readonly stepSeconds: number;
  readonly samples: readonly {
    readonly at: string;
    readonly count: number;
    readonly seconds?: number;
    readonly increments?: Record<string, number>;
  }[];
  readonly gaps: readonly object[];
  readonly peak?: object;
  readonly forecast: { readonly secondsToFull?: number; readonly reason?: string };
}

let service: Service;
let clock: SettableClock;
let seconds = 0;

beforeAll(async () => {
  clock = new SettableClock(new Date(START).toISOString());
  service = await startService('nf_conntrack', {}, clock);
});
afterAll(() => service.close());

/** A sample ten seconds later, with this many entries and drops on the first CPU. */
async function tick(count: number, drop: number, after = 10): Promise<void> {
  seconds += after;
  clock.set(new Date(START + seconds * 1000).toISOString());
  await service.tree.write(COUNT, `${count}\n`);
  await service.tree.write(COUNTERS, `entries drop found\n00000000 ${drop.toString(16)} 00000000\n00000000 00000000 00000001\n`);
  await service.app.get(TakeSample).run();
}

async function history(query = ''): Promise<Body> {
  return (await service.as('get', `/api/v1/table/history${query}`).expect(200)).body as Body;
}

describe('the history', () => {
  it('has no samples before the first, and lists the gap', async () => {
    const { samples, gaps, peak, forecast, stepSeconds } = await history();
    expect({ samples, peak, stepSeconds }).toEqual({ samples: [], peak: undefined, stepSeconds: 10 });
    expect(gaps).toHaveLength(1);
    expect(forecast.reason).toMatch(/Too few/);
  });

  it('shows the sampled counts, limits, and events corrected for a counter wrap', async () => {
    await tick(100, 0xffff_fffe);
    await tick(200, 3);
    await tick(150, 3);
    const { samples, peak } = await history();
    expect(samples).toEqual([
      { at: '2026-11-27T00:00:10.000Z', readings: 1, count: 100, countPeak: 100, max: 65_536, buckets: 16_384, utilisation: 100 / 65_536 },
      expect.objectContaining({ at: '2026-11-27T00:00:20.000Z', count: 200, seconds: 10, increments: { drop: 5, found: 0 } }),
      expect.objectContaining({ at: '2026-11-27T00:00:30.000Z', count: 150, seconds: 10, increments: { drop: 0, found: 0 } }),
    ]);
    expect(peak).toEqual({ count: 200, at: '2026-11-27T00:00:20.000Z' });
  });

  it('does not report a reboot as four billion events', async () => {
    await service.tree.write(BOOT_ID, 'ffffffff-0000-4000-8000-000000000000\n');
    await tick(10, 0);
    const { samples } = await history();
    expect(samples.at(-1)).toMatchObject({ count: 10 });
    expect(samples.at(-1)).not.toHaveProperty('increments');
  });

  it('omits an interval without samples, and lists it as a gap', async () => {
    await tick(20, 0, 300);
    const { samples, gaps } = await history('?from=2026-11-27T00:00:10Z');
    expect(samples).toHaveLength(5);
    expect(gaps).toEqual([{ from: '2026-11-27T00:00:50.000Z', to: '2026-11-27T00:05:40.000Z' }]);
  });

  it('aggregates to the requested step', async () => {
    const { samples, stepSeconds } = await history('?step=60&from=2026-11-27T00:00:30Z&to=2026-11-27T00:01:00Z');
    expect(stepSeconds).toBe(60);
    expect(samples).toMatchObject([{ at: '2026-11-27T00:00:00.000Z', readings: 4, countPeak: 200, seconds: 20 }]);
  });

  it('forecasts when a growing table is full', async () => {
    for (let n = 0; n < 60; n += 1) await tick(1_000 + 100 * n, 0);
    const { forecast } = await history();
    expect(forecast).toMatchObject({ windowSeconds: 900, max: 65_536 });
    expect(forecast.secondsToFull).toBeGreaterThan(5_000);
    expect(forecast.secondsToFull).toBeLessThan(7_000);
  });

  it('survives a restart of the service', async () => {
    await service.restart();
    expect((await history('?step=600&from=2026-11-27T00:00:00Z')).samples.length).toBeGreaterThan(0);
  });

  it.each([
    ['step=7', 'step'],
    ['from=yesterday', 'from'],
    ['to=2026-02-30T00:00:00Z', 'to'],
    ['from=2026-11-27T00:00:00Z&to=2026-11-27T00:00:00Z', 'from'],
    ['from=2026-11-26T00:00:00Z&to=2026-11-27T00:00:00Z&step=10', 'step'],
    ['from=1970-01-01T00:00:00Z', 'from'],
    ['limit=5', 'limit'],
  ])('refuses %s, naming the parameter', async (query, field) => {
    const { body } = await service.as('get', `/api/v1/table/history?${query}`).expect(400);
    expect(body).toMatchObject({ code: 'INVALID_FILTER', errors: [{ field }] });
  });

  it('needs table:read', async () => {
    await service.raw('get', '/api/v1/table/history').expect(401);
    await service.raw('get', '/api/v1/table/history', service.token('changes:read')).expect(403);
  });
});

describe('without a history', () => {
  it('a service without a sampler gives the reason', async () => {
    const without = await startService('nf_conntrack', { sampleSeconds: 0 });
    const { body } = await without.as('get', '/api/v1/table/history').expect(503);
    expect(body).toMatchObject({ code: 'HISTORY_UNAVAILABLE', remedy: expect.stringContaining('--sample-seconds') as string });
    await without.as('get', '/api/v1/table').expect(200);
    await without.close();
  });

  it('an unusable file gives a problem, not an empty list', async () => {
    const broken = await startService('nf_conntrack', {});
    mkdirSync(join(broken.dataDir, 'samples.sqlite3'));
    const { body } = await broken.as('get', '/api/v1/table/history').expect(503);
    expect(body).toMatchObject({ code: 'HISTORY_UNAVAILABLE', detail: expect.stringContaining('samples.sqlite3') as string });
    await expect(broken.app.get(TakeSample).run()).rejects.toThrow(/samples.sqlite3/);
    await broken.as('get', '/api/v1/table').expect(200);
    await broken.close();
  });
});
