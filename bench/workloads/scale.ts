import { medianCost, type Cost } from '../harness/cost.ts';
import { failureOf } from '../harness/failure.ts';
import type { Target, Row, Stage } from '../harness/workload.ts';
import { rawFloor, wholeTable } from './contenders.ts';

export const SCALE = 'scale';
/** Factors of the number of entries that the other workloads use. */
export const SCALE_SIZES = { small: 0.1, large: 10 };

const MICROSECONDS = 1e6;
/** The smallest table comes first, while Node still compiles the service's code. These runs keep compilation out of the result. */
const WARM_UPS = 5;

/** CPU of a whole dump at one size of the table. */
export interface ScalePoint {
  readonly entries: number;
  readonly service: Cost;
  readonly floor: Cost;
}

export async function warmUp(stage: Stage): Promise<void> {
  for (let round = 0; round < WARM_UPS; round += 1) await wholeTable(stage);
}

export async function scalePoint(stage: Stage): Promise<ScalePoint> {
  const service: Cost[] = [];
  const floor: Cost[] = [];
  for (let round = 0; round < stage.rounds; round += 1) {
    service.push(await wholeTable(stage));
    floor.push(await rawFloor(stage));
  }
  return { entries: stage.entries, service: medianCost(service), floor: medianCost(floor) };
}

/** Difference of the cost per entry between the largest and the smallest table. */
export function scaleRow(points: readonly ScalePoint[] | Error): Row {
  const target: Target = { what: 'CPU per entry, largest table', against: 'smallest table', limit: 10, unit: '%' };
  if (points instanceof Error) return { ...target, failure: failureOf(points) };
  const service = deviation(points, ({ service: cost }) => cost);
  const floor = deviation(points, ({ floor: cost }) => cost);
  const each = points.map((point) => `${perEntry(point, point.service).toFixed(2)} µs at ${point.entries.toLocaleString('en')}`);
  return { ...target, value: Math.abs(service), ours: each.join(', '), theirs: `raw floor: ${floor.toFixed(1)} %` };
}

function deviation(points: readonly ScalePoint[], cost: (point: ScalePoint) => Cost): number {
  const each = points.map((point) => perEntry(point, cost(point)));
  return ((each.at(-1) ?? NaN) / (each[0] ?? NaN) - 1) * 100;
}

function perEntry({ entries }: ScalePoint, { cpuSeconds }: Cost): number {
  return (cpuSeconds / entries) * MICROSECONDS;
}
