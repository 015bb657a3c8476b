import { medianCost, type Cost } from './cost.ts';
import { failureOf } from './failure.ts';
import type { Comparison, Row, Stage } from './workload.ts';

type Samples = Map<string, Cost[] | Error>;

/** Runs every contender once per round, in turns. A contender that fails gets a failed row and is not run again. */
export async function compare(comparisons: readonly Comparison[], stage: Stage, log: (line: string) => void): Promise<readonly Row[]> {
  const contenders = comparisons.flatMap(({ contenders }) => Object.entries(contenders));
  const samples: Samples = new Map(contenders.map(([name]) => [name, []]));
  for (let round = 1; round <= stage.rounds; round += 1) {
    for (const [name, run] of contenders) await sample(samples, name, () => run(stage));
    log(`round ${round} of ${stage.rounds}`);
  }
  return comparisons.flatMap(({ rows }) => rows.map((row) => toRow(row, samples)));
}

async function sample(samples: Samples, name: string, run: () => Promise<Cost>): Promise<void> {
  const taken = samples.get(name);
  if (taken === undefined || taken instanceof Error) return;
  try {
    taken.push(await run());
  } catch (error) {
    samples.set(name, new Error(`${name}: ${failureOf(error)}`));
  }
}

function toRow({ result, ...target }: Comparison['rows'][number], samples: Samples): Row {
  try {
    return { ...target, ...result((contender) => medianOf(samples, contender)) };
  } catch (error) {
    return { ...target, failure: failureOf(error) };
  }
}

function medianOf(samples: Samples, contender: string): Cost {
  const taken = samples.get(contender);
  if (taken === undefined) throw new Error(`Expected a contender "${contender}", found none.`);
  if (taken instanceof Error) throw taken;
  return medianCost(taken);
}
