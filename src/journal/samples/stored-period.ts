import { sumCounters, type Counters } from '../../domain/counters/increments.ts';
import type { HistorySample, Sample } from '../../domain/history/sample.ts';

/** A row of `period`, without its step. */
export interface PeriodRow {
  readonly at: number;
  readonly readings: number;
  readonly counts: number;
  readonly count_sum: number;
  readonly count_peak: number | null;
  readonly max: number | null;
  readonly buckets: number | null;
  readonly seconds: number | null;
  readonly names_id: number | null;
  readonly increments: string | null;
}

/** Maps between lists of counter names and their ids. */
export interface CounterNames {
  of(id: number): readonly string[];
  /** Creates the id if the list is new. */
  idOf(names: readonly string[]): number;
}

/** The row with one more sample. */
export function withSample(
  row: PeriodRow | undefined,
  at: number,
  { count, max, buckets, counted }: Sample,
  names: CounterNames,
): PeriodRow {
  const before = row && incrementsOf(row, names);
  return {
    at,
    readings: (row?.readings ?? 0) + 1,
    counts: (row?.counts ?? 0) + (count === undefined ? 0 : 1),
    count_sum: (row?.count_sum ?? 0) + (count ?? 0),
    count_peak: count === undefined ? (row?.count_peak ?? null) : Math.max(row?.count_peak ?? 0, count),
    max: max ?? row?.max ?? null,
    buckets: buckets ?? row?.buckets ?? null,
    ...storedIncrements(
      counted ? (row?.seconds ?? 0) + counted.seconds : (row?.seconds ?? null),
      counted ? (before ? sumCounters([before, counted.increments]) : counted.increments) : before,
      names,
    ),
  };
}

export function toHistorySample(row: PeriodRow, names: CounterNames): HistorySample {
  const increments = incrementsOf(row, names);
  return {
    at: new Date(row.at * 1000),
    readings: row.readings,
    ...(row.counts > 0 && { count: Math.round(row.count_sum / row.counts) }),
    ...(row.count_peak !== null && { countPeak: row.count_peak }),
    ...(row.max !== null && { max: row.max }),
    ...(row.buckets !== null && { buckets: row.buckets }),
    ...(row.seconds !== null && { seconds: row.seconds }),
    ...(increments && { increments }),
  };
}

function storedIncrements(
  seconds: number | null,
  increments: Counters | undefined,
  names: CounterNames,
): Pick<PeriodRow, 'seconds' | 'names_id' | 'increments'> {
  if (!increments) return { seconds: null, names_id: null, increments: null };
  return { seconds, names_id: names.idOf(Object.keys(increments)), increments: JSON.stringify(Object.values(increments)) };
}

function incrementsOf({ names_id: id, increments }: PeriodRow, names: CounterNames): Counters | undefined {
  if (id === null || increments === null) return undefined;
  const values = JSON.parse(increments) as readonly number[];
  return Object.fromEntries(names.of(id).map((name, index) => [name, values[index] ?? 0]));
}
