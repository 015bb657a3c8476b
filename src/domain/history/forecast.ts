import type { HistorySample } from './sample.ts';

/** Lengths of the trends, the shorter first: it reacts sooner, the longer is steadier. */
export const TREND_WINDOWS_SECONDS = [900, 3_600] as const;

/** A straight line through the counts of the last minutes (ordinary least squares), and where it meets max. */
export interface Trend {
  readonly windowSeconds: number;
  /** Periods that the line is fitted to. */
  readonly samples: number;
  /** Entries per second; absent with fewer than two samples. */
  readonly slopePerSecond?: number;
  /** Share of the variation that the line explains, 0 to 1: the confidence in it. */
  readonly rSquared?: number;
  /** Absent if there is no forecast; `reason` then has the reason. */
  readonly secondsToFull?: number;
  readonly reason?: string;
}

export interface Forecast {
  /** Seconds from now until the line meets max. Absent if there is no forecast; `reason` then has the reason. */
  readonly secondsToFull?: number;
  readonly fullAt?: Date;
  /** The window of the trend used: the shortest one with a forecast. None is used while the count falls in the shortest window. */
  readonly windowSeconds?: number;
  readonly max?: number;
  readonly reason?: string;
  readonly trends: readonly Trend[];
}

const SAMPLES_MIN = 10;
/** The share of the window that the samples must span. */
const SPAN_MIN = 0.5;
const R_SQUARED_MIN = 0.5;
/** An hour of samples does not allow a forecast beyond this. */
const HORIZON_SECONDS = 7 * 86_400;

interface Point {
  readonly seconds: number;
  readonly count: number;
}

/** @param samples of the last hour, oldest first */
export function forecastFull(samples: readonly HistorySample[], now: Date): Forecast {
  const max = samples.findLast((sample) => sample.max !== undefined)?.max;
  const points = samples.flatMap(({ at, count }) =>
    count === undefined ? [] : [{ seconds: (at.getTime() - now.getTime()) / 1000, count }],
  );
  const trends = withoutPast(TREND_WINDOWS_SECONDS.map((window) => trendOf(points, window, max)));
  const usable = trends.find(({ secondsToFull }) => secondsToFull !== undefined);
  const known = max === undefined ? {} : { max };
  if (usable?.secondsToFull === undefined) {
    return { ...known, reason: trends.map(({ windowSeconds, reason }) => `${windowSeconds} s: ${reason ?? ''}`).join(' '), trends };
  }
  const { secondsToFull, windowSeconds } = usable;
  return { secondsToFull, fullAt: new Date(now.getTime() + secondsToFull * 1000), windowSeconds, ...known, trends };
}

/** While the count falls in the shortest window, the rise before it says nothing about what comes. */
function withoutPast(trends: readonly Trend[]): readonly Trend[] {
  const { slopePerSecond = 0, rSquared = 0, samples = 0 } = trends[0] ?? {};
  if (slopePerSecond >= 0 || rSquared < R_SQUARED_MIN || samples < SAMPLES_MIN) return trends;
  return trends.map(({ secondsToFull, ...trend }) =>
    secondsToFull === undefined
      ? trend
      : { ...trend, reason: `The number of entries has been falling for the last ${TREND_WINDOWS_SECONDS[0]} s.` },
  );
}

function trendOf(all: readonly Point[], windowSeconds: number, max: number | undefined): Trend {
  const points = all.filter(({ seconds }) => seconds >= -windowSeconds);
  const line = lineThrough(points);
  const base = { windowSeconds, samples: points.length };
  if (!line) return { ...base, reason: 'Too few samples: at least 10 are needed.' };
  const trend = { ...base, slopePerSecond: line.slope, rSquared: line.rSquared };
  const span = (points.at(-1)?.seconds ?? 0) - (points[0]?.seconds ?? 0);
  if (points.length < SAMPLES_MIN) return { ...trend, reason: `Too few samples: ${points.length}, at least ${SAMPLES_MIN} are needed.` };
  if (span < SPAN_MIN * windowSeconds) return { ...trend, reason: `The samples span only ${Math.round(span)} s.` };
  if (max === undefined) return { ...trend, reason: 'max cannot be read.' };
  if (max === 0) return { ...trend, reason: 'max is 0 (no limit): only memory limits the table.' };
  if (line.slope <= 0) return { ...trend, reason: 'The number of entries is not rising.' };
  if (line.rSquared < R_SQUARED_MIN) {
    return {
      ...trend,
      reason: `The number of entries is not rising steadily: a line explains only ${Math.round(100 * line.rSquared)} % of its variation.`,
    };
  }
  const secondsToFull = Math.max(0, Math.round((max - line.now) / line.slope));
  if (secondsToFull > HORIZON_SECONDS)
    return { ...trend, reason: 'At this rate the table is full in more than a week, which is too far away for a forecast.' };
  return { ...trend, secondsToFull };
}

interface Line {
  readonly slope: number;
  /** The count it has at 0 seconds. */
  readonly now: number;
  readonly rSquared: number;
}

function lineThrough(points: readonly Point[]): Line | undefined {
  const mean = (of: (point: Point) => number): number => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(({ seconds }) => seconds), mean(({ count }) => count)];
  const xx = mean(({ seconds }) => (seconds - x) ** 2);
  const yy = mean(({ count }) => (count - y) ** 2);
  const xy = mean(({ seconds, count }) => (seconds - x) * (count - y));
  if (points.length < 2 || xx === 0) return undefined;
  const slope = xy / xx;
  return { slope, now: y - slope * x, rSquared: yy === 0 ? 0 : Math.min(1, xy ** 2 / (xx * yy)) };
}
