import type { CounterReading } from '../table.ts';

/** Numbers by the kernel’s column names. */
export type Counters = Readonly<Record<string, number>>;

/** The counters at one time. */
export interface CounterSnapshot extends CounterReading {
  /** On the boot-time clock, so that setting the wall clock does not distort rates. */
  readonly bootMilliseconds: number;
  /** Absent if it cannot be read. */
  readonly bootId?: string;
}

/** What was counted between two snapshots. */
export interface Increments {
  readonly seconds: number;
  /** In the order of the processors; only counters that both snapshots have. */
  readonly perCpu: readonly Counters[];
}

const WRAP = 2 ** 32;
/** One processor cannot count more than one event per 0.1 µs: a larger increment is a counter that restarted at zero. */
const EVENTS_PER_SECOND_MAX = 10_000_000;

/**
 * Each counter has 32 bits and wraps. It also restarts at zero after a reboot or when the module is loaded again, which must not be mistaken
 * for four billion events.
 *
 * @returns `undefined` if the increments are unknown
 */
export function incrementsBetween(before: CounterSnapshot, after: CounterSnapshot): Increments | undefined {
  const seconds = (after.bootMilliseconds - before.bootMilliseconds) / 1000;
  if (seconds <= 0 || before.bootId !== after.bootId || before.perCpu.length !== after.perCpu.length) return undefined;
  const perCpu = after.perCpu.map((counters, cpu) => advanced(before.perCpu[cpu] ?? {}, counters));
  const most = seconds * EVENTS_PER_SECOND_MAX;
  return perCpu.some((counters) => Object.values(counters).some((events) => events > most)) ? undefined : { seconds, perCpu };
}

/** Joins consecutive intervals. */
export function addIncrements(intervals: readonly Increments[]): Increments {
  const cpus = Math.max(0, ...intervals.map(({ perCpu }) => perCpu.length));
  return {
    seconds: intervals.reduce((sum, { seconds }) => sum + seconds, 0),
    perCpu: Array.from({ length: cpus }, (_, cpu) => sumCounters(intervals.map(({ perCpu }) => perCpu[cpu] ?? {}))),
  };
}

export function sumCounters(all: readonly Counters[]): Counters {
  const sums: Record<string, number> = {};
  for (const counters of all) {
    for (const [name, value] of Object.entries(counters)) sums[name] = (sums[name] ?? 0) + value;
  }
  return sums;
}

function advanced(before: Counters, after: Counters): Counters {
  return Object.fromEntries(
    Object.entries(after).flatMap(([name, value]) => {
      const earlier = before[name];
      return earlier === undefined ? [] : [[name, value >= earlier ? value - earlier : value + WRAP - earlier]];
    }),
  );
}
