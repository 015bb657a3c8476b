import type { Cost } from './cost.ts';
import type { Namespace } from './namespace.ts';
import type { Service } from './service.ts';

/** What a workload runs on: a filled table and a service that reads it. */
export interface Stage {
  readonly scratch: string;
  readonly namespace: Namespace;
  readonly service: Service;
  readonly entries: number;
  readonly rounds: number;
}

export type Unit = 'ratio' | 'ms' | 'MiB' | '%' | 'events' | 'answers';

/** A promise: the value is at most `limit`. */
export interface Bar {
  readonly what: string;
  readonly against: string;
  readonly limit: number;
  readonly unit: Unit;
}

/** What was measured, in the bar's unit, and the two sides that it comes from, as text. */
export interface Figure {
  readonly value: number;
  readonly ours: string;
  readonly theirs: string;
}

export type Row = Bar & (Figure | { readonly failure: string });

/** Several ways to do the same; all contenders of all comparisons take turns, so that a slow minute of the machine meets each of them. */
export interface Comparison {
  readonly name: string;
  readonly contenders: Readonly<Record<string, (stage: Stage) => Promise<Cost>>>;
  /** @param median of a contender. @throws Error when that contender failed */
  readonly rows: readonly (Bar & { readonly figure: (median: (contender: string) => Cost) => Figure })[];
}

/** What cannot be told by the cost of one command; a figure for each bar, in the same order. */
export interface Workload {
  readonly name: string;
  readonly bars: readonly Bar[];
  run(stage: Stage): Promise<readonly Figure[]>;
}

/** A row that compares the CPU or the wall time of two contenders. */
export function ratioRow(
  what: string,
  measure: keyof Cost,
  [ours, theirs]: readonly [string, string],
  limit: number,
): Comparison['rows'][number] {
  return {
    what: `${what}, ${measure === 'cpuSeconds' ? 'CPU' : 'wall'}`,
    against: theirs,
    limit,
    unit: 'ratio',
    figure: (median) => {
      const [mine, other] = [median(ours)[measure], median(theirs)[measure]];
      return { value: mine / other, ours: `${mine.toFixed(3)} s`, theirs: `${other.toFixed(3)} s` };
    },
  };
}
