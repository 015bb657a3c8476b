import { resolve } from 'node:path';
import { costOfCommand, type Cost } from '../harness/cost.ts';
import type { Stage } from '../harness/workload.ts';
import { EVERY_ENTRY, NDJSON } from '../harness/paths.ts';

const FLOOR = resolve('bench/floor.ts');

export function wholeTable({ service }: Stage): Promise<Cost> {
  return service.costOf(EVERY_ENTRY, NDJSON);
}

export function rawFloor({ namespace }: Stage): Promise<Cost> {
  return namespace.run(process.execPath, FLOOR).then((printed) => JSON.parse(printed) as Cost);
}

/** Runs a program in the namespace and discards its output. */
export function program(...command: readonly [string, ...string[]]): (stage: Stage) => Promise<Cost> {
  return ({ namespace }) => costOfCommand(namespace.command(...command));
}
