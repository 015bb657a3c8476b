import type { History, Sample } from '../api/documents.ts';

/** The steps are some that the service stores, with few enough samples for the width of a screen. */
export const RANGES = [
  { name: '15 min', seconds: 900, stepSeconds: 10 },
  { name: '1 h', seconds: 3_600, stepSeconds: 10 },
  { name: '24 h', seconds: 86_400, stepSeconds: 60 },
  { name: '7 d', seconds: 604_800, stepSeconds: 600 },
] as const;
export type Range = (typeof RANGES)[number];

/** The format of uPlot: times in seconds, then one list of values for each line; `null` for unknown values. */
export type Columns = readonly (readonly (number | null)[])[];

/** Counters of dropped and refused packets, with the kernel's names, most severe first. */
export const DROP_COUNTERS = ['drop', 'early_drop', 'insert_failed', 'chaintoolong', 'chainlength', 'invalid'] as const;

/** Times, highest count of each period, count, and max; there is no line for an unlimited max (0). */
export function usageColumns(history: Pick<History, 'samples' | 'stepSeconds'>): Columns {
  const samples = withGaps(history);
  return [
    samples.map(({ time }) => time),
    samples.map(({ sample }) => sample?.countPeak ?? sample?.count ?? null),
    samples.map(({ sample }) => sample?.count ?? null),
    samples.map(({ sample }) => (sample?.max === 0 ? null : (sample?.max ?? null))),
  ];
}

/** Times, then the events per second of each counter. */
export function rateColumns(history: Pick<History, 'samples' | 'stepSeconds'>, counters: readonly string[]): Columns {
  const samples = withGaps(history);
  return [samples.map(({ time }) => time), ...counters.map((name) => samples.map(({ sample }) => rateOf(sample, name)))];
}

/** Shown in the legend until the samples show which counters this kernel has. */
export const USUAL_DROP_COUNTERS = DROP_COUNTERS.filter((name) => name !== 'chaintoolong');

/** The drop counters that this kernel has. */
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
  /** Absent in a gap, over which no line is drawn. */
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
  readonly minimum: number;
  readonly maximum: number;
  readonly last: number;
}

/** Minimum, maximum and last value of a line; `undefined` when all values are unknown. */
export function extentOf(values: readonly (number | null)[] = []): Extent | undefined {
  const known = values.filter((value) => value !== null);
  const last = known.at(-1);
  if (last === undefined) return undefined;
  return { minimum: known.reduce((a, b) => Math.min(a, b)), maximum: known.reduce((a, b) => Math.max(a, b)), last };
}
