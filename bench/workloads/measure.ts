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

type Log = (line: string) => void;

/** Fills one table in steps, smallest size first, and runs the workloads of each size. */
export async function measure(host: Host, options: Options, log: Log): Promise<readonly Row[]> {
  const { entries, rounds } = options;
  const scaled = isSelected(options, SCALE);
  const most = scaled ? entries * SCALE_SIZES.large : entries;
  if (most > (await host.capacity())) throw new Error(`Expected room for ${most} entries below nf_conntrack_max: use a smaller --entries.`);
  const namespace = await Namespace.create(host.scratch);
  const service = await Service.start(namespace, host.scratch);
  const stageOf = async (size: number): Promise<Stage> => {
    log(`filling the table with ${size} entries`);
    await namespace.fill(size);
    return { scratch: host.scratch, namespace, service, entries: size, rounds };
  };
  if (!scaled) return measureAt(await stageOf(entries), options, log);
  const points = [await point(await stageOf(entries * SCALE_SIZES.small))];
  const middle = await stageOf(entries);
  const rows = await measureAt(middle, options, log);
  points.push(await point(middle), await point(await stageOf(most)));
  return [...rows, scaleRow(points.find((found) => found instanceof Error) ?? (points as ScalePoint[]))];
}

async function measureAt(stage: Stage, options: Options, log: Log): Promise<readonly Row[]> {
  const comparisons = COMPARISONS.filter(({ name }) => isSelected(options, name));
  const rows = comparisons.length === 0 ? [] : [...(await compare(comparisons, stage, log))];
  for (const workload of WORKLOADS.filter(({ name }) => isSelected(options, name))) {
    log(workload.name);
    rows.push(...(await rowsOf(workload, stage)));
  }
  return rows;
}

export async function rowsOf(workload: Workload, stage: Stage): Promise<readonly Row[]> {
  try {
    const results = await workload.run(stage);
    return workload.targets.map((target, index) => ({ ...target, ...(results[index] ?? { failure: 'nothing was measured' }) }));
  } catch (error) {
    return workload.targets.map((target) => ({ ...target, failure: failureOf(error) }));
  }
}

function point(stage: Stage): Promise<ScalePoint | Error> {
  return scalePoint(stage).catch((error: unknown) => new Error(failureOf(error)));
}

function isSelected({ only }: Options, name: string): boolean {
  return only?.includes(name) ?? true;
}
