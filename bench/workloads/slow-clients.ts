import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../harness/statistics.ts';
import { Reader } from '../harness/reader.ts';
import type { Service } from '../harness/service.ts';
import type { Stage, Workload } from '../harness/workload.ts';
import { wholeTable } from './contenders.ts';

const SLOW_CLIENTS = 10;
const SLOW_RATE = '1M';
const TIMEOUT_MILLISECONDS = 10_000;
const POLL_MILLISECONDS = 20;

export const slowClients: Workload = {
  name: 'slow-clients',
  targets: [{ what: `wall time of a fast dump with ${SLOW_CLIENTS} clients at 1 MB/s`, against: 'alone', limit: 1.25, unit: 'ratio' }],
  async run(stage) {
    const alone: number[] = [];
    const loaded: number[] = [];
    // A token gets half of the dumps that run at once.
    const clients = [await stage.service.forAnotherClient(), await stage.service.forAnotherClient()] as const;
    for (let round = 0; round < stage.rounds; round += 1) {
      alone.push((await wholeTable(stage)).wallSeconds);
      loaded.push(await wallWithSlowClients(stage, clients));
    }
    const [ours, theirs] = [median(loaded), median(alone)];
    return [{ value: ours / theirs, ours: `${ours.toFixed(2)} s`, theirs: `${theirs.toFixed(2)} s` }];
  },
};

async function wallWithSlowClients(stage: Stage, [one, other]: readonly [Service, Service]): Promise<number> {
  const slow = Array.from({ length: SLOW_CLIENTS }, (_, index) => new Reader(index % 2 === 0 ? one : other, SLOW_RATE));
  try {
    await allServed(slow);
    const { wallSeconds } = await wholeTable(stage);
    return wallSeconds;
  } finally {
    await Promise.all(slow.map((reader) => reader.stop()));
  }
}

/** Waits until all are being served. @throws Error if one is refused or gets no response in time */
async function allServed(readers: readonly Reader[]): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MILLISECONDS;
  while (readers.some(({ status }) => status === undefined) && Date.now() < deadline) await sleep(POLL_MILLISECONDS);
  const refused = readers.filter(({ status }) => status !== 200);
  if (refused.length > 0)
    throw new Error(
      `Expected ${readers.length} slow clients to be served, found ${refused.length} with status ${String(refused[0]?.status)}.`,
    );
}
