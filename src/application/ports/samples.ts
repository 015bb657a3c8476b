import type { HistorySample, Peak, Sample } from '../../domain/history/sample.ts';
import type { HistoryStep } from '../../domain/history/steps.ts';

/**
 * The history of the table, aggregated into periods of every step. Unlike the journal it is not evidence: the last samples may be lost in a
 * power failure, a damaged file is replaced by an empty one, and the oldest periods are dropped.
 *
 * Every method throws ConntrackError `HISTORY_UNAVAILABLE` with the reason where the samples cannot be used. The next call retries.
 */
export abstract class Samples {
  /** Interval between samples in seconds; 0: no samples are taken. */
  abstract readonly everySeconds: number;

  /** Adds the sample to its period of every step. */
  abstract add(sample: Sample): void;

  /** Periods that begin at `from` or later and before `to`, oldest first, `limit` at most. */
  abstract between(step: HistoryStep, from: Date, to: Date, limit: number): readonly HistorySample[];

  /** The peak of all samples ever added; `undefined` before the first. */
  abstract peak(): Peak | undefined;

  /** Permanently. Repeating it changes nothing. */
  abstract close(): void;
}
