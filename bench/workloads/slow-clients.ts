import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../harness/statistics.ts';
import { Reader } from '../harness/reader.ts';
import type { Stage, Workload } from '../harness/workload.ts';
import { wholeTable } from './contenders.ts';

const SLOW_CLIENTS = 10;
const SLOW_RATE = '1M';
const PATIENCE_MILLISECONDS = 10_000;
const LOOK_MILLISECONDS = 20;

export const slowClients: Workload = {
  name: 'slow-clients',
  bars: [{ what: `wall of a fast dump beside ${SLOW_CLIENTS} clients at 1 MB/s`, against: 'alone', limit: 1.3, unit: 'ratio' }],
  async run(stage) {
    const alone: number[] = [];
    const beside: number[] = [];
    for (let round = 0; round < stage.rounds; round += 1) {
      alone.push((await wholeTable(stage)).wallSeconds);
      beside.push(await wallBesideSlowOnes(stage));
    }
    const [ours, theirs] = [median(beside), median(alone)];
    return [{ value: ours / theirs, ours: `${ours.toFixed(2)} s`, theirs: `${theirs.toFixed(2)} s` }];
  },
};

async function wallBesideSlowOnes(stage: Stage): Promise<number> {
  const slow = Array.from({ length: SLOW_CLIENTS }, () => new Reader(stage.service, SLOW_RATE));
  try {
    await allAnswered(slow);
    const { wallSeconds } = await wholeTable(stage);
    return wallSeconds;
  } finally {
    await Promise.all(slow.map((reader) => reader.stop()));
  }
}

/** @throws Error unless all of them are being served */
async function allAnswered(readers: readonly Reader[]): Promise<void> {
  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  while (readers.some(({ status }) => status === undefined) && Date.now() < deadline) await sleep(LOOK_MILLISECONDS);
  const refused = readers.filter(({ status }) => status !== 200);
  if (refused.length > 0)
    throw new Error(`${refused.length} of ${readers.length} slow clients were not served: ${String(refused[0]?.status)}.`);
}
