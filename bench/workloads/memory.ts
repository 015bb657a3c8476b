import { setTimeout as sleep } from 'node:timers/promises';
import { costOfCommand } from '../harness/cost.ts';
import { median } from '../harness/statistics.ts';
import { Reader } from '../harness/reader.ts';
import { Service } from '../harness/service.ts';
import type { Result, Stage, Workload } from '../harness/workload.ts';
import { TABLE } from '../harness/paths.ts';

const SLOW_READERS = 50;
const SLOW_RATE = '100k';
const SLOW_SECONDS = 10;
const IDLE_SECONDS = 2;
const MIB = 1_024 * 1_024;
const TARGET = { against: 'idle', limit: 64, unit: 'MiB' } as const;

interface Reading {
  readonly idle: number;
  readonly dump: number;
  readonly slow: number;
  readonly refused: number;
}

/** Peak resident size, minus the resident size of a service that has just started and has served only GET /table. */
export const memory: Workload = {
  name: 'memory',
  targets: [
    { ...TARGET, what: 'memory during one dump' },
    { ...TARGET, what: `memory during ${SLOW_READERS} slow readers` },
  ],
  async run(stage) {
    const readings: Reading[] = [];
    for (let round = 0; round < stage.rounds; round += 1) readings.push(await readFresh(stage));
    const refused = median(readings.map((reading) => reading.refused));
    return [result(readings, 'dump', ''), result(readings, 'slow', `, ${refused} refused`)];
  },
};

async function readFresh(stage: Stage): Promise<Reading> {
  const service = await Service.start(stage.namespace, stage.scratch);
  try {
    for (let i = 0; i < 5; i += 1) await costOfCommand(service.curl(TABLE, '--fail'));
    await sleep(IDLE_SECONDS * 1_000);
    const idle = await service.residentBytes();
    const dump = await peakDuring(service, () => new Reader(service).ended);
    const readers: Reader[] = [];
    const slow = await peakDuring(service, () => readSlowly(service, readers));
    return { idle, dump, slow, refused: readers.filter(({ status }) => status === 429).length };
  } finally {
    await service.stop();
  }
}

async function readSlowly(service: Service, readers: Reader[]): Promise<void> {
  while (readers.length < SLOW_READERS) readers.push(new Reader(service, SLOW_RATE));
  await sleep(SLOW_SECONDS * 1_000);
  await Promise.all(readers.map((reader) => reader.stop()));
}

async function peakDuring(service: Service, action: () => Promise<unknown>): Promise<number> {
  await service.resetPeak();
  await action();
  return service.peakResidentBytes();
}

function result(readings: readonly Reading[], peak: 'dump' | 'slow', note: string): Result {
  const idle = median(readings.map((reading) => reading.idle));
  const highest = median(readings.map((reading) => reading[peak]));
  const value = median(readings.map((reading) => reading[peak] - reading.idle)) / MIB;
  return { value, ours: `${(highest / MIB).toFixed(1)} MiB${note}`, theirs: `${(idle / MIB).toFixed(1)} MiB` };
}
