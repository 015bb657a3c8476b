import type { Counters } from '../counters/increments.ts';

/** One reading of the table. What could not be read is absent. */
export interface Sample {
  readonly at: Date;
  readonly count?: number;
  /** 0 means unlimited. */
  readonly max?: number;
  readonly buckets?: number;
  /** Events since the previous sample, summed over all processors. Absent if unknown. */
  readonly counted?: { readonly seconds: number; readonly increments: Counters };
}

/** The samples of a period of one step. A period without samples has none. */
export interface HistorySample {
  /** The beginning of the period. */
  readonly at: Date;
  /** Number of readings in the period. */
  readonly readings: number;
  /** Mean of the readings, as a whole number. */
  readonly count?: number;
  readonly countPeak?: number;
  /** The last reading; 0 means unlimited. */
  readonly max?: number;
  /** The last reading. */
  readonly buckets?: number;
  /** The time that `increments` cover: not exactly the step, because readings are not taken exactly at its ends. */
  readonly seconds?: number;
  readonly increments?: Counters;
}

/** The highest number of entries in any sample. */
export interface Peak {
  readonly count: number;
  readonly at: Date;
}
