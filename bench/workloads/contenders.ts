import { resolve } from 'node:path';
import { costOfCommand, type Cost } from '../harness/cost.ts';
import type { Stage } from '../harness/workload.ts';
import { EVERY_ENTRY, NDJSON } from '../harness/paths.ts';

const FLOOR = resolve('bench/floor.ts');

interface Floor extends Cost {
  /** Until the first messages of the first dump. */
  readonly firstMilliseconds: number;
}

export function wholeTable({ service }: Stage): Promise<Cost> {
  return service.costOf(EVERY_ENTRY, NDJSON);
}

/** What the kernel needs for the dumps of a filter, or of the whole table. */
export async function rawFloor({ namespace }: Pick<Stage, 'namespace'>, ...filter: readonly [string?]): Promise<Floor> {
  return JSON.parse(await namespace.run(process.execPath, FLOOR, ...filter.filter((text) => text !== undefined))) as Floor;
}

/** Runs a program in the namespace and discards its output. */
export function program(...command: readonly [string, ...string[]]): (stage: Stage) => Promise<Cost> {
  return ({ namespace }) => costOfCommand(namespace.command(...command));
}
