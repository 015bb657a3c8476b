import type { Counters } from '../counters/increments.ts';

/** One look at the table; what could not be read is absent. */
export interface Sample {
  readonly at: Date;
  readonly count?: number;
  /** 0 means unlimited. */
  readonly max?: number;
  readonly buckets?: number;
  /** Events since the sample before, all processors together; absent where that cannot be told. */
  readonly counted?: { readonly seconds: number; readonly increments: Counters };
}

/** What was seen in a period of one step. A period in which nothing was seen has none. */
export interface HistorySample {
  /** Where the period begins. */
  readonly at: Date;
  /** Looks at the table in the period. */
  readonly readings: number;
  /** Mean of the readings, as a whole number. */
  readonly count?: number;
  readonly countPeak?: number;
  /** The last reading; 0 means unlimited. */
  readonly max?: number;
  /** The last reading. */
  readonly buckets?: number;
  /** How much time `increments` are of: more or less than the step where readings fell beside its ends. */
  readonly seconds?: number;
  readonly increments?: Counters;
}

/** The most entries ever seen at a sample. */
export interface Peak {
  readonly count: number;
  readonly at: Date;
}
