import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProber } from '../../harness/probe.ts';
import { ON_THE_HOST, Service } from '../../harness/service.ts';
import { median, quantile } from '../../harness/statistics.ts';
import type { Result, Stage, Workload } from '../../harness/workload.ts';
import { TABLE } from '../../harness/paths.ts';
import { recordChanges } from '../long-journal.ts';

const BARE = resolve('bench/bare-fastify.ts');
const LOAD = resolve('bench/load.ts');
const CHANGES_LIST = '/api/v1/changes';
const RECORDED = 1_000;
const CONNECTIONS = 8;
const SECONDS = 5;
const PROBE_SECONDS = 20;
const MIXED = 100_000;
/** One request of each ten. */
const MIX = [...Array<string>(7).fill(TABLE), '/api/v1/settings', CHANGES_LIST, '/metrics'];
const SETTLE_SECONDS = 10;
const MIB = 1_048_576;

/** How often a bare server answers while the service answers once. */
export const throughput: Workload = {
  name: 'throughput',
  targets: [TABLE, CHANGES_LIST].map((path) => ({
    what: `responses a second, GET ${path}`,
    against: 'bare Fastify',
    limit: 2.5,
    unit: 'ratio',
  })),
  async run({ scratch, rounds }: Stage): Promise<readonly Result[]> {
    const service = await withChanges(scratch);
    const results: Result[] = [];
    for (const path of [TABLE, CHANGES_LIST]) {
      const url = `${service.url}${path}`;
      const bytes = (await (await fetch(url, { headers: { authorization: `Bearer ${service.token}` } })).text()).length;
      const bare = spawn(process.execPath, [BARE, String(bytes)], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [printed] = (await once(bare.stdout, 'data')) as [Buffer];
      const [ours, theirs]: [number[], number[]] = [[], []];
      for (let round = 0; round < rounds; round += 1) {
        ours.push(await load(service.token, 'seconds', SECONDS, [url]));
        theirs.push(await load('', 'seconds', SECONDS, [`${printed.toString().trim()}/`]));
      }
      bare.kill();
      await once(bare, 'exit');
      const [mine, other] = [median(ours), median(theirs)];
      results.push({ value: other / mine, ours: `${mine.toFixed(0)} a second`, theirs: `${other.toFixed(0)} a second` });
    }
    await service.stop();
    return results;
  },
};

export const memoryOfRequests: Workload = {
  name: 'memory-of-requests',
  targets: [{ what: `memory after ${MIXED.toLocaleString('en')} mixed requests`, against: 'idle', limit: 30, unit: 'MiB' }],
  async run({ scratch }: Stage): Promise<readonly Result[]> {
    const service = await withChanges(scratch);
    await sleep(SETTLE_SECONDS * 1_000);
    const idle = await service.residentBytes();
    await load(
      service.token,
      'requests',
      MIXED,
      MIX.map((path) => `${service.url}${path}`),
    );
    await sleep(SETTLE_SECONDS * 1_000);
    const after = await service.residentBytes();
    await service.stop();
    return [{ value: (after - idle) / MIB, ours: `${(after / MIB).toFixed(1)} MiB`, theirs: `${(idle / MIB).toFixed(1)} MiB` }];
  },
};

export const idleLatency: Workload = {
  name: 'idle-latency',
  targets: [{ what: 'p99 of GET /table, idle', against: 'p50', limit: 3, unit: 'ratio' }],
  async run(stage: Stage): Promise<readonly Result[]> {
    const prober = await startProber(stage, TABLE);
    await sleep(PROBE_SECONDS * 1_000);
    const milliseconds = (await prober.stop()).map(([, each]) => each);
    const [p99, p50] = [quantile(milliseconds, 0.99), median(milliseconds)];
    return [{ value: p99 / p50, ours: `${p99.toFixed(2)} ms`, theirs: `${p50.toFixed(2)} ms` }];
  },
};

function withChanges(scratch: string): Promise<Service> {
  return Service.start(ON_THE_HOST, scratch, {
    prepare: (dataDir) => {
      recordChanges(dataDir, RECORDED);
    },
  });
}

/** Responses a second. */
async function load(token: string, unit: 'seconds' | 'requests', limit: number, urls: readonly string[]): Promise<number> {
  const client = spawn(process.execPath, [LOAD, String(CONNECTIONS), unit, String(limit), ...urls], {
    env: { ...process.env, CONNTRACK_BENCH_TOKEN: token },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const printed = Buffer.concat((await client.stdout.toArray()) as Buffer[]).toString();
  if (printed === '') throw new Error('Expected the client to end with a result: see the message above.');
  return Number(printed);
}
