const DAY_SECONDS = 86_400;
const YEAR_SECONDS = 365 * DAY_SECONDS;

/** Lengths of a period, in seconds, finest first; and how long periods of that length are kept. */
export const HISTORY_TIERS = [
  { stepSeconds: 10, keptSeconds: DAY_SECONDS },
  { stepSeconds: 60, keptSeconds: 7 * DAY_SECONDS },
  { stepSeconds: 600, keptSeconds: YEAR_SECONDS },
  { stepSeconds: 3_600, keptSeconds: YEAR_SECONDS },
  { stepSeconds: 21_600, keptSeconds: YEAR_SECONDS },
  { stepSeconds: DAY_SECONDS, keptSeconds: YEAR_SECONDS },
] as const;

export type HistoryStep = (typeof HISTORY_TIERS)[number]['stepSeconds'];

export const HISTORY_STEPS: readonly HistoryStep[] = HISTORY_TIERS.map(({ stepSeconds }) => stepSeconds);

/** Periods in one answer at most: a day by the minute, four hours by ten seconds, a year by six hours. */
export const HISTORY_SAMPLES_MAX = 1_500;

/** Where the period that `at` is in begins. */
export function periodStart(at: Date, stepSeconds: number): Date {
  const step = stepSeconds * 1000;
  return new Date(Math.floor(at.getTime() / step) * step);
}

/** Periods of a step between two times. */
export function periodsBetween(from: Date, to: Date, stepSeconds: number): number {
  return Math.ceil((to.getTime() - periodStart(from, stepSeconds).getTime()) / (stepSeconds * 1000));
}

/** The finest step that is still kept at `from` and gives no more samples than an answer may have; `undefined` where the range is too long for all. */
export function chooseStep(from: Date, to: Date, now: Date): HistoryStep | undefined {
  const short = HISTORY_TIERS.filter(({ stepSeconds }) => periodsBetween(from, to, stepSeconds) <= HISTORY_SAMPLES_MAX);
  const age = (now.getTime() - from.getTime()) / 1000;
  return (short.find(({ keptSeconds }) => keptSeconds >= age) ?? short.at(-1))?.stepSeconds;
}
