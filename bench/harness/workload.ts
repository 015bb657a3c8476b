import type { Cost } from './cost.ts';
import type { Namespace } from './namespace.ts';
import type { Service } from './service.ts';

/** The environment of a workload: a filled table and a service that reads it. */
export interface Stage {
  readonly scratch: string;
  readonly namespace: Namespace;
  readonly service: Service;
  readonly entries: number;
  readonly rounds: number;
}

export type Unit = 'ratio' | 'ms' | 'MiB' | '%' | 'events' | 'responses' | 'syncs';

/** A performance target: the value is at most `limit`. */
export interface Target {
  readonly what: string;
  readonly against: string;
  readonly limit: number;
  readonly unit: Unit;
}

/** A measured value in the target's unit, and the measurements of both sides as text. */
export interface Result {
  readonly value: number;
  readonly ours: string;
  readonly theirs: string;
}

export type Row = Target & (Result | { readonly failure: string });

/** Several ways to do the same. All contenders of all comparisons take turns, so that a slow phase of the machine affects each of them. */
export interface Comparison {
  readonly name: string;
  readonly contenders: Readonly<Record<string, (stage: Stage) => Promise<Cost>>>;
  /** `result` receives a function that returns the median of a contender. @throws Error if that contender failed */
  readonly rows: readonly (Target & { readonly result: (median: (contender: string) => Cost) => Result })[];
}

/** A measurement other than the cost of one command. Returns a result for each target, in the same order. */
export interface Workload {
  readonly name: string;
  readonly targets: readonly Target[];
  run(stage: Stage): Promise<readonly Result[]>;
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
    result: (median) => {
      const [mine, other] = [median(ours)[measure], median(theirs)[measure]];
      return { value: mine / other, ours: `${mine.toFixed(3)} s`, theirs: `${other.toFixed(3)} s` };
    },
  };
}
