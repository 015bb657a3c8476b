import type { History, Sample } from '../api/answers.ts';

/** As uPlot wants it: times in seconds, then one list of values for each series; `null` where nothing is known. */
export type Columns = readonly (readonly (number | null)[])[];

/** Counters that mean flows lost or refused, in the kernel's words, worst first. */
export const DROP_COUNTERS = ['drop', 'early_drop', 'insert_failed', 'chaintoolong', 'chainlength', 'invalid'] as const;

/** Times, the highest count of each period, count, and max; an unlimited max (0) is no line. */
export function usageColumns(history: Pick<History, 'samples' | 'stepSeconds'>): Columns {
  const samples = withGaps(history);
  return [
    samples.map(({ time }) => time),
    samples.map(({ sample }) => sample?.countPeak ?? sample?.count ?? null),
    samples.map(({ sample }) => sample?.count ?? null),
    samples.map(({ sample }) => (sample?.max === 0 ? null : (sample?.max ?? null))),
  ];
}

/** Times, then the events per second of each counter named. */
export function rateColumns(history: Pick<History, 'samples' | 'stepSeconds'>, counters: readonly string[]): Columns {
  const samples = withGaps(history);
  return [samples.map(({ time }) => time), ...counters.map((name) => samples.map(({ sample }) => rateOf(sample, name)))];
}

/** Their names keep the room of the legend until samples say which ones this kernel has. */
export const USUAL_DROP_COUNTERS = DROP_COUNTERS.filter((name) => name !== 'chaintoolong');

/** Those of the drop counters that this kernel has. */
export function countersIn(samples: readonly Sample[]): readonly string[] {
  return DROP_COUNTERS.filter((name) => samples.some(({ increments }) => increments && Object.hasOwn(increments, name)));
}

function rateOf(sample: Sample | undefined, name: string): number | null {
  const increment = sample?.increments?.[name];
  const seconds = sample?.seconds;
  return increment === undefined || seconds === undefined || seconds === 0 ? null : increment / seconds;
}

interface Point {
  readonly time: number;
  /** Absent in a gap: a line through it would claim what nobody saw. */
  readonly sample?: Sample;
}

function withGaps({ samples, stepSeconds }: Pick<History, 'samples' | 'stepSeconds'>): readonly Point[] {
  return samples.flatMap((sample, index): Point[] => {
    const time = Date.parse(sample.at) / 1000;
    const before = samples[index - 1];
    const beforeTime = before === undefined ? time : Date.parse(before.at) / 1000;
    return time - beforeTime > 1.5 * stepSeconds ? [{ time: beforeTime + stepSeconds }, { time, sample }] : [{ time, sample }];
  });
}

export interface Extent {
  readonly least: number;
  readonly most: number;
  readonly last: number;
}

/** For the table that says in figures what a line shows; `undefined` where nothing is known. */
export function extentOf(values: readonly (number | null)[] = []): Extent | undefined {
  const known = values.filter((value) => value !== null);
  const last = known.at(-1);
  if (last === undefined) return undefined;
  return { least: known.reduce((a, b) => Math.min(a, b)), most: known.reduce((a, b) => Math.max(a, b)), last };
}
