import { setTimeout as sleep } from 'node:timers/promises';
import { median, quantile } from '../harness/statistics.ts';
import { startProber, type Latency } from '../harness/probe.ts';
import { Reader } from '../harness/reader.ts';
import type { Stage, Workload } from '../harness/workload.ts';
import { TABLE } from '../harness/paths.ts';

const IDLE_SECONDS = 4;
const WHAT = 'p99 of GET /table while two dumps run';

interface Reading {
  readonly idle: number;
  readonly busy: number;
}

export const latency: Workload = {
  name: 'latency',
  targets: [
    { what: WHAT, against: 'idle', limit: 3, unit: 'ratio' },
    { what: WHAT, against: '-', limit: 25, unit: 'ms' },
  ],
  async run(stage) {
    const readings: Reading[] = [];
    for (let round = 0; round < stage.rounds; round += 1) readings.push(await readOnce(stage));
    const idle = median(readings.map((reading) => reading.idle));
    const busy = median(readings.map((reading) => reading.busy));
    const result = { ours: `${busy.toFixed(2)} ms`, theirs: `${idle.toFixed(2)} ms` };
    return [
      { ...result, value: busy / idle },
      { ...result, value: busy },
    ];
  },
};

async function readOnce(stage: Stage): Promise<Reading> {
  const prober = await startProber(stage, TABLE);
  await sleep(IDLE_SECONDS * 1_000);
  const dumps = [new Reader(stage.service), new Reader(stage.service)];
  const start = Date.now();
  await Promise.race(dumps.map(({ ended }) => ended));
  const end = Date.now();
  const latencies = await prober.stop();
  await Promise.all(dumps.map(({ ended }) => ended));
  const refused = dumps.find(({ status }) => status !== 200);
  if (refused) throw new Error(`Expected two dumps at once, found status ${String(refused.status)}.`);
  return { idle: p99(latencies, ([from]) => from < start), busy: p99(latencies, ([from]) => from >= start && from < end) };
}

function p99(latencies: readonly Latency[], within: (latency: Latency) => boolean): number {
  return quantile(
    latencies.filter(within).map(([, milliseconds]) => milliseconds),
    0.99,
  );
}
