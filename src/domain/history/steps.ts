const DAY_SECONDS = 86_400;
const YEAR_SECONDS = 365 * DAY_SECONDS;

/** Lengths of a period, finest first, and how long periods of each length are kept. */
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

/** The maximum number of periods in a response: a day in minutes, four hours in steps of ten seconds, a year in steps of six hours. */
export const HISTORY_SAMPLES_MAX = 1_500;

/** The beginning of the period that contains `at`. */
export function periodStart(at: Date, stepSeconds: number): Date {
  const step = stepSeconds * 1000;
  return new Date(Math.floor(at.getTime() / step) * step);
}

/** The number of periods between two times. */
export function periodsBetween(from: Date, to: Date, stepSeconds: number): number {
  return Math.ceil((to.getTime() - periodStart(from, stepSeconds).getTime()) / (stepSeconds * 1000));
}

/** The finest step that is still kept at `from` and fits into a response; `undefined` if the range is too long for every step. */
export function chooseStep(from: Date, to: Date, now: Date): HistoryStep | undefined {
  const short = HISTORY_TIERS.filter(({ stepSeconds }) => periodsBetween(from, to, stepSeconds) <= HISTORY_SAMPLES_MAX);
  const age = (now.getTime() - from.getTime()) / 1000;
  return (short.find(({ keptSeconds }) => keptSeconds >= age) ?? short.at(-1))?.stepSeconds;
}
