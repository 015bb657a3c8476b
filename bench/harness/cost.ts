import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpuSecondsOfChildren } from './clocks.ts';
import { median } from './statistics.ts';

export interface Cost {
  /** User and system time of all processes involved. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

export type Command = readonly [string, ...string[]];

/**
 * Runs a command until it exits and discards its output. No other child of this process may end meanwhile, because its CPU would be counted too.
 *
 * @throws Error with standard error if the command fails
 */
export async function costOfCommand([program, ...args]: Command): Promise<Cost> {
  const cpuBefore = cpuSecondsOfChildren();
  const start = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const errors = child.stderr.toArray();
  const [code] = (await once(child, 'exit')) as [number | null];
  const cost = { wallSeconds: (performance.now() - start) / 1_000, cpuSeconds: cpuSecondsOfChildren() - cpuBefore };
  if (code !== 0)
    throw new Error(
      `${program} ${args.slice(-1).join('')}: ${Buffer.concat(await errors)
        .toString()
        .trim()}`,
    );
  return cost;
}

/** The medians of CPU and of wall time, independently. */
export function medianCost(costs: readonly Cost[]): Cost {
  return {
    cpuSeconds: median(costs.map(({ cpuSeconds }) => cpuSeconds)),
    wallSeconds: median(costs.map(({ wallSeconds }) => wallSeconds)),
  };
}
