import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpuSecondsOfChildren } from './clocks.ts';
import { median } from './statistics.ts';

export interface Cost {
  /** User and system time of every process that belongs to it. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

export type Command = readonly [string, ...string[]];

/**
 * Runs a command to its end, its output thrown away. Nothing else that this process started may end meanwhile: its CPU would be counted too.
 *
 * @throws Error with what it said when it fails
 */
export async function costOfCommand([program, ...args]: Command): Promise<Cost> {
  const cpuBefore = cpuSecondsOfChildren();
  const start = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said = child.stderr.toArray();
  const [code] = (await once(child, 'exit')) as [number | null];
  const cost = { wallSeconds: (performance.now() - start) / 1_000, cpuSeconds: cpuSecondsOfChildren() - cpuBefore };
  if (code !== 0)
    throw new Error(
      `${program} ${args.slice(-1).join('')}: ${Buffer.concat(await said)
        .toString()
        .trim()}`,
    );
  return cost;
}

/** CPU and wall each by itself. */
export function medianCost(costs: readonly Cost[]): Cost {
  return {
    cpuSeconds: median(costs.map(({ cpuSeconds }) => cpuSeconds)),
    wallSeconds: median(costs.map(({ wallSeconds }) => wallSeconds)),
  };
}
