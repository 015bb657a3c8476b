import { addIncrements, incrementsBetween, sumCounters, type Counters, type CounterSnapshot, type Increments } from './increments.ts';

export const RATE_WINDOWS_SECONDS = [60, 300] as const;
export type RateWindow = (typeof RATE_WINDOWS_SECONDS)[number];

/** Events per second. */
interface KnownRates {
  readonly windowSeconds: RateWindow;
  /** The actual period: from the reading nearest to the beginning of the window until now. */
  readonly seconds: number;
  readonly totals: Counters;
  readonly perCpu: readonly Counters[];
}

export type CounterRates = KnownRates | { readonly windowSeconds: RateWindow; readonly reason: string };

/** The age of a reading must be at least this share of the window. */
const NEAR = 0.9;
/** A reading older than this many windows is not used. */
const FAR = 2;

/** @param all earlier readings, oldest first */
export function ratesOver(all: readonly CounterSnapshot[], now: CounterSnapshot, windowSeconds: RateWindow): CounterRates {
  const earlier = before(all, now);
  const ages = earlier.map(({ bootMilliseconds }) => (now.bootMilliseconds - bootMilliseconds) / 1000);
  const from = nearest(ages, windowSeconds);
  const age = ages[from];
  if (age === undefined) return { windowSeconds, reason: `The oldest reading is only ${Math.floor(ages[0] ?? 0)} s old.` };
  if (age > FAR * windowSeconds) {
    return { windowSeconds, reason: `Samples are too far apart: the reading nearest to the window is ${Math.floor(age)} s old.` };
  }
  const intervals = intervalsOf([...earlier.slice(from), now]);
  const whole = intervals.filter((interval) => interval !== undefined);
  if (whole.length < intervals.length) return { windowSeconds, reason: 'The counters restarted at zero within the window.' };
  const { seconds, perCpu } = addIncrements(whole);
  const rates = perCpu.map((counters) => perSecond(counters, seconds));
  return { windowSeconds, seconds, totals: sumCounters(rates), perCpu: rates };
}

/** The index of the reading nearest to the window, among those that are not much younger. */
function nearest(ages: readonly number[], windowSeconds: number): number {
  const enough = ages.filter((age) => age >= NEAR * windowSeconds);
  const distances = enough.map((age) => Math.abs(age - windowSeconds));
  return distances.indexOf(Math.min(...distances));
}

/** Increments since the oldest reading, or since the counters restarted; `undefined` without an earlier reading. */
export function countedRecently(earlier: readonly CounterSnapshot[], now: CounterSnapshot): Increments | undefined {
  const intervals = intervalsOf([...before(earlier, now), now]);
  const whole = intervals.slice(intervals.lastIndexOf(undefined) + 1).filter((interval) => interval !== undefined);
  return whole.length === 0 ? undefined : addIncrements(whole);
}

/** A sample of the same time adds nothing to `now`. */
function before(all: readonly CounterSnapshot[], now: CounterSnapshot): readonly CounterSnapshot[] {
  return all.filter(({ bootMilliseconds }) => bootMilliseconds < now.bootMilliseconds);
}

function intervalsOf(snapshots: readonly CounterSnapshot[]): readonly (Increments | undefined)[] {
  return snapshots.slice(1).map((after, index) => {
    const before = snapshots[index];
    return before && incrementsBetween(before, after);
  });
}

function perSecond(counters: Counters, seconds: number): Counters {
  return Object.fromEntries(Object.entries(counters).map(([name, events]) => [name, events / seconds]));
}
