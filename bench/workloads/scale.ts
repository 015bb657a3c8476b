import { medianCost, type Cost } from '../harness/cost.ts';
import { failureOf } from '../harness/failure.ts';
import type { Bar, Row, Stage } from '../harness/workload.ts';
import { rawFloor, wholeTable } from './contenders.ts';

export const SCALE = 'scale';
/** Of the number of entries that all else is measured at. */
export const SCALE_SIZES = { small: 0.1, large: 2 };

const MICROSECONDS = 1e6;
/** The smallest table comes first, when the service has just started and Node still compiles what it runs: that is not what is asked here. */
const WARM_UPS = 5;

/** CPU of a whole dump at one size of the table. */
export interface ScalePoint {
  readonly entries: number;
  readonly service: Cost;
  readonly floor: Cost;
}

export async function scalePoint(stage: Stage): Promise<ScalePoint> {
  const service: Cost[] = [];
  const floor: Cost[] = [];
  for (let round = 0; round < WARM_UPS; round += 1) await wholeTable(stage);
  for (let round = 0; round < stage.rounds; round += 1) {
    service.push(await wholeTable(stage));
    floor.push(await rawFloor(stage));
  }
  return { entries: stage.entries, service: medianCost(service), floor: medianCost(floor) };
}

/** How much more an entry costs in the largest table than in the smallest one, or less. */
export function scaleRow(points: readonly ScalePoint[] | Error): Row {
  const bar: Bar = { what: 'CPU an entry, largest table', against: 'smallest table', limit: 15, unit: '%' };
  if (points instanceof Error) return { ...bar, failure: failureOf(points) };
  const service = deviation(points, ({ service: cost }) => cost);
  const floor = deviation(points, ({ floor: cost }) => cost);
  const each = points.map((point) => `${perEntry(point, point.service).toFixed(2)} µs at ${point.entries.toLocaleString('en')}`);
  return { ...bar, value: Math.abs(service), ours: each.join(', '), theirs: `raw floor: ${floor.toFixed(1)} %` };
}

function deviation(points: readonly ScalePoint[], cost: (point: ScalePoint) => Cost): number {
  const each = points.map((point) => perEntry(point, cost(point)));
  return ((each.at(-1) ?? NaN) / (each[0] ?? NaN) - 1) * 100;
}

function perEntry({ entries }: ScalePoint, { cpuSeconds }: Cost): number {
  return (cpuSeconds / entries) * MICROSECONDS;
}
