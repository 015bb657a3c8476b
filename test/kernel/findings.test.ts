import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Home } from './support/home.ts';
import { makeEntries } from './support/made-entries.ts';
import { host, NetworkNamespace, SERVICE_PORT } from './support/network-namespace.ts';
import { Service } from './support/service.ts';

const SEND_FLOWS = join(import.meta.dirname, 'support/send-flows.ts');
const SAMPLED_MILLISECONDS = 2_500;
const TRIES = 70;
const APART_MILLISECONDS = 1_000;

interface Finding {
  readonly code: string;
  readonly level: string;
  readonly remedy: string;
  readonly evidence: Readonly<Record<string, number>>;
}
interface TableBody {
  readonly findings: readonly Finding[];
}
interface CountersBody {
  readonly totals: Readonly<Record<string, number>>;
  readonly rates: readonly { readonly seconds?: number; readonly totals?: Readonly<Record<string, number>>; readonly reason?: string }[];
}
interface HistoryBody {
  readonly samples: readonly { readonly countPeak: number; readonly increments?: Readonly<Record<string, number>> }[];
  readonly peak: { readonly count: number };
}

let home: Home;
let namespace: NetworkNamespace;
let service: Service;
let before: { readonly max: number; readonly buckets: number };

beforeEach(async () => {
  before = { max: await host.readSysctl('max'), buckets: await host.readSysctl('buckets') };
  home = await Home.create();
  namespace = await NetworkNamespace.create('findings');
  service = await Service.start(namespace, home, await home.createToken(), SERVICE_PORT, ['--sample-seconds', '1']);
});
afterEach(async () => {
  await restoreSettings();
  await service.stop();
  await namespace.delete();
  await home.remove();
});

/** Both settings apply to the whole host, so the tests change them only briefly. */
async function restoreSettings(): Promise<void> {
  if ((await host.readSysctl('buckets')) !== before.buckets) await host.writeSysctl('buckets', before.buckets);
  await host.writeSysctl('max', before.max);
}

async function get<Body>(path: string): Promise<Body> {
  const response = await service.request<Body>('GET', path);
  expect(response).toMatchObject({ status: 200 });
  return response.body;
}

/** Sends one datagram of each flow, and returns how many the kernel refused. */
async function sendFlows(count: number): Promise<number> {
  return count - Number(await namespace.run(process.execPath, [SEND_FLOWS, String(count)]));
}

/** Waits until the readings cover a minute: the first rates then begin with the first reading. */
async function firstRates(): Promise<CountersBody['rates']> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { rates } = await get<CountersBody>('/table/counters');
    if (rates[0]?.totals) return rates;
    await sleep(APART_MILLISECONDS);
  }
  throw new Error(`Expected rates within ${TRIES} s, found none.`);
}

const found = ({ findings }: TableBody, code: string): Finding | undefined => findings.find((finding) => finding.code === code);

describe('a table that is filled until the kernel drops', () => {
  it('yields findings with the kernel’s numbers, and then rates and history', async () => {
    await makeEntries(namespace, 19_000);
    expect((await get<TableBody>('/table')).findings.filter(({ level }) => level === 'error')).toEqual([]);
    await sleep(SAMPLED_MILLISECONDS);
    await host.writeSysctl('max', 18_000);
    const refused = await sendFlows(3_000);
    const full = await get<TableBody>('/table');
    await restoreSettings();

    const { totals } = await get<CountersBody>('/table/counters');
    expect(refused).toBeGreaterThan(100);
    expect(totals['drop']).toBeGreaterThanOrEqual(refused);
    expect(found(full, 'TABLE_NEARLY_FULL')).toMatchObject({ level: 'error', evidence: { max: 18_000 } });
    expect(found(full, 'DROPS')).toMatchObject({ level: 'error', evidence: { drop: totals['drop'] } });
    expect(found(full, 'EARLY_DROPS')).toMatchObject({ level: 'error', evidence: { early_drop: totals['early_drop'] } });
    expect(totals['early_drop']).toBeGreaterThan(0);

    const [minute, five] = await firstRates();
    const { seconds = NaN, totals: rates = {} } = minute ?? {};
    expect((rates['drop'] ?? 0) * seconds).toBeCloseTo(totals['drop'] ?? NaN, 3);
    expect((rates['early_drop'] ?? 0) * seconds).toBeCloseTo(totals['early_drop'] ?? NaN, 3);
    expect(five).toMatchObject({ reason: expect.stringMatching(/The oldest reading is only \d+ s old/) as string });
    expect(seconds).toBeGreaterThan(53);
    const { samples, peak } = await get<HistoryBody>('/table/history');
    expect(peak.count).toBeGreaterThanOrEqual(18_000);
    expect(samples.reduce((sum, { increments }) => sum + (increments?.['drop'] ?? 0), 0)).toBe(totals['drop']);
  });
});

describe('a small hash with many entries', () => {
  it('yields the finding that chains are too long, and recommends buckets with which the kernel refuses no flow', async () => {
    await sleep(SAMPLED_MILLISECONDS);
    await host.writeSysctl('buckets', 512);
    const refused = await sendFlows(25_000);
    const table = await get<TableBody>('/table');
    await restoreSettings();

    const { totals } = await get<CountersBody>('/table/counters');
    expect(refused).toBeGreaterThan(1_000);
    const chain = found(table, 'CHAIN_TOO_LONG');
    expect(chain).toMatchObject({ level: 'error', evidence: { chainlength: totals['chainlength'], buckets: 512 } });
    expect(chain?.evidence['averageChainLength']).toBeGreaterThan(8);
    expect(found(table, 'CHAIN_LIMIT_AT_MAX')?.level).toBe('error');
    expect(found(table, 'INSERT_FAILED')?.remedy).toBe('See CHAIN_TOO_LONG.');
    const enough = Number(/at least (\d+):/.exec(chain?.remedy ?? '')?.[1]);
    expect(enough).toBeGreaterThan(25_000);
    expect(await sendFlows(25_000)).toBe(0);
  });
});
