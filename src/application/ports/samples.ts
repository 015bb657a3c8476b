import type { HistorySample, Peak, Sample } from '../../domain/history/sample.ts';
import type { HistoryStep } from '../../domain/history/steps.ts';

/**
 * How the table was over time, in periods of every step. It is no evidence: the last samples may be lost with the power, a damaged file is
 * begun anew, and the oldest periods go when newer ones come.
 *
 * Every method throws ConntrackError `HISTORY_UNAVAILABLE` with the reason where the samples cannot be used, and the next use tries again.
 */
export abstract class Samples {
  /** How far apart samples are taken. */
  abstract readonly everySeconds: number;

  /** Into its period of every step. */
  abstract add(sample: Sample): void;

  /** Periods that begin at `from` or later and before `to`, oldest first; `limit` at most. */
  abstract between(step: HistoryStep, from: Date, to: Date, limit: number): readonly HistorySample[];

  /** Of all samples ever added; absent before the first. */
  abstract peak(): Peak | undefined;

  /** For good. Repeating it changes nothing. */
  abstract close(): void;
}
