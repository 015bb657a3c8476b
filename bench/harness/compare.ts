import { medianCost, type Cost } from './cost.ts';
import { failureOf } from './failure.ts';
import type { Comparison, Row, Stage } from './workload.ts';

type Samples = Map<string, Cost[] | Error>;

/** Every contender once a round, in turns. One that fails is told so and not tried again. */
export async function compare(comparisons: readonly Comparison[], stage: Stage, say: (line: string) => void): Promise<readonly Row[]> {
  const contenders = comparisons.flatMap(({ contenders }) => Object.entries(contenders));
  const samples: Samples = new Map(contenders.map(([name]) => [name, []]));
  for (let round = 1; round <= stage.rounds; round += 1) {
    for (const [name, run] of contenders) await sample(samples, name, () => run(stage));
    say(`round ${round} of ${stage.rounds}`);
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

function toRow({ figure, ...bar }: Comparison['rows'][number], samples: Samples): Row {
  try {
    return { ...bar, ...figure((contender) => medianOf(samples, contender)) };
  } catch (error) {
    return { ...bar, failure: failureOf(error) };
  }
}

function medianOf(samples: Samples, contender: string): Cost {
  const taken = samples.get(contender);
  if (taken === undefined) throw new Error(`There is no contender "${contender}".`);
  if (taken instanceof Error) throw taken;
  return medianCost(taken);
}
