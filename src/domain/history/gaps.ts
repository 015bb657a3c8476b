import type { HistorySample } from './sample.ts';

/** A period without samples. */
export interface HistoryGap {
  readonly from: Date;
  readonly to: Date;
}

/**
 * Periods without samples for more than two steps: the service did not run, the table could not be read, or the samples are no longer kept.
 *
 * @param everySeconds the interval between samples, if it is longer than a step
 */
export function gapsOf(
  samples: readonly Pick<HistorySample, 'at'>[],
  from: Date,
  to: Date,
  stepSeconds: number,
  everySeconds: number,
): readonly HistoryGap[] {
  const step = stepSeconds * 1000;
  const usual = Math.max(stepSeconds, everySeconds) * 1000;
  const ends = [from.getTime(), ...samples.map(({ at }) => at.getTime() + step)];
  const begins = [...samples.map(({ at }) => at.getTime()), to.getTime()];
  return begins.flatMap((begin, index) => {
    const end = ends[index] ?? begin;
    return begin - end > 2 * usual - step ? [{ from: new Date(end), to: new Date(begin) }] : [];
  });
}
