import { compare } from '../harness/compare.ts';
import { failureOf } from '../harness/failure.ts';
import type { Host } from '../harness/host.ts';
import { Namespace } from '../harness/namespace.ts';
import type { Options } from '../harness/options.ts';
import { Service } from '../harness/service.ts';
import type { Comparison, Row, Stage, Workload } from '../harness/workload.ts';
import { events } from './events.ts';
import { onePort, oneSource } from './filters.ts';
import { firstByte } from './first-byte.ts';
import { latency } from './latency.ts';
import { memory } from './memory.ts';
import { sameEntries } from './same-entries.ts';
import { SCALE, SCALE_SIZES, scalePoint, scaleRow, type ScalePoint } from './scale.ts';
import { slowClients } from './slow-clients.ts';
import { summary } from './summary.ts';
import { wholeTableWorkload } from './whole-table.ts';

const COMPARISONS: readonly Comparison[] = [wholeTableWorkload, oneSource, onePort, summary];
const WORKLOADS: readonly Workload[] = [sameEntries, firstByte, memory, latency, events, slowClients];

export const WORKLOAD_NAMES = [...[...COMPARISONS, ...WORKLOADS].map(({ name }) => name), SCALE];

type Say = (line: string) => void;

/** Fills one table step by step, smallest size first, and measures at each step what belongs there. */
export async function measure(host: Host, options: Options, say: Say): Promise<readonly Row[]> {
  const { entries, rounds } = options;
  const scaled = isWanted(options, SCALE);
  const most = scaled ? entries * SCALE_SIZES.large : entries;
  if (most > (await host.capacity()))
    throw new Error(`${most} entries: nf_conntrack_max has no room for them. Ask for less with --entries.`);
  const namespace = await Namespace.create(host.scratch);
  const service = await Service.start(namespace, host.scratch);
  const stageOf = async (size: number): Promise<Stage> => {
    say(`filling the table with ${size} entries`);
    await namespace.fill(size);
    return { scratch: host.scratch, namespace, service, entries: size, rounds };
  };
  if (!scaled) return measureAt(await stageOf(entries), options, say);
  const points = [await point(await stageOf(entries * SCALE_SIZES.small))];
  const middle = await stageOf(entries);
  const rows = await measureAt(middle, options, say);
  points.push(await point(middle), await point(await stageOf(most)));
  return [...rows, scaleRow(points.find((found) => found instanceof Error) ?? (points as ScalePoint[]))];
}

async function measureAt(stage: Stage, options: Options, say: Say): Promise<readonly Row[]> {
  const comparisons = COMPARISONS.filter(({ name }) => isWanted(options, name));
  const rows = comparisons.length === 0 ? [] : [...(await compare(comparisons, stage, say))];
  for (const workload of WORKLOADS.filter(({ name }) => isWanted(options, name))) {
    say(workload.name);
    rows.push(...(await rowsOf(workload, stage)));
  }
  return rows;
}

async function rowsOf(workload: Workload, stage: Stage): Promise<readonly Row[]> {
  try {
    const figures = await workload.run(stage);
    return workload.bars.map((bar, index) => ({ ...bar, ...(figures[index] ?? { failure: 'nothing was measured' }) }));
  } catch (error) {
    return workload.bars.map((bar) => ({ ...bar, failure: failureOf(error) }));
  }
}

function point(stage: Stage): Promise<ScalePoint | Error> {
  return scalePoint(stage).catch((error: unknown) => new Error(failureOf(error)));
}

function isWanted({ only }: Options, name: string): boolean {
  return only?.includes(name) ?? true;
}
