import type { Sample } from '../../domain/history/sample.ts';

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;
export const WEEK_SECONDS = 7 * DAY_SECONDS;

const NIGHT_ENTRIES = 1_200;
const DAY_ENTRIES = 3_600;
const WEEKEND_SHARE = 0.6;
/** The hour with the fewest flows. */
const QUIET_HOUR = 4;

export const BUCKETS = { before: 8_192, after: 16_384 } as const;
export const MAX = { before: 8_192, after: 16_384 } as const;

/** A flood that fills the table until max is raised. Seconds before now. */
export const INCIDENT = {
  fromSeconds: 3 * DAY_SECONDS + 2 * HOUR_SECONDS,
  raisedSeconds: 3 * DAY_SECONDS + 2 * HOUR_SECONDS - 40 * MINUTE_SECONDS,
} as const;
const FLOOD_LASTS_SECONDS = 75 * MINUTE_SECONDS;
const FLOOD_RISES_SECONDS = 12 * MINUTE_SECONDS;
const FLOOD_ENTRIES = 9_000;

/** Intervals of the samples, coarser the older they are, so that each range of the page is filled. */
const INTERVALS = [
  { untilSeconds: DAY_SECONDS, everySeconds: 300 },
  { untilSeconds: HOUR_SECONDS, everySeconds: 60 },
  { untilSeconds: 0, everySeconds: 10 },
] as const;

/** The history that a real service would have: a daily curve, quieter weekends, and one incident. The same for the same `now`. */
export function* demoWeek(now: Date): Generator<Sample> {
  let ago = WEEK_SECONDS;
  for (const { untilSeconds, everySeconds } of INTERVALS)
    for (; ago > untilSeconds; ago -= everySeconds) yield sampleOf(new Date(now.getTime() - ago * 1_000), ago, everySeconds);
}

function sampleOf(at: Date, ago: number, seconds: number): Sample {
  const max = ago > INCIDENT.raisedSeconds ? MAX.before : MAX.after;
  const wanted = entriesAt(at) + floodAt(ago);
  const excess = Math.max(0, wanted - 0.97 * max);
  const perSecond = (rate: number): number => Math.round(rate * seconds);
  return {
    at,
    count: Math.round(Math.min(wanted, 0.997 * max)),
    max,
    buckets: ago > INCIDENT.raisedSeconds ? BUCKETS.before : BUCKETS.after,
    counted: {
      seconds,
      increments: {
        early_drop: perSecond(excess / 60),
        drop: perSecond(Math.max(0, excess - 600) / 400),
        insert_failed: perSecond(0.01 + 0.02 * noise(at.getTime(), 3)),
        invalid: perSecond(0.3 + 0.3 * noise(at.getTime(), 5)),
        chainlength: 0,
      },
    },
  };
}

/** Flows of the clients of this host, without the incident. */
export function entriesAt(at: Date): number {
  const hour = at.getHours() + at.getMinutes() / 60;
  const day = 0.5 - 0.5 * Math.cos(((hour - QUIET_HOUR) / 24) * 2 * Math.PI);
  const share = [0, 6].includes(at.getDay()) ? WEEKEND_SHARE : 1;
  const wave = Math.sin(at.getTime() / 400_000) + 0.6 * Math.sin(at.getTime() / 97_000);
  return Math.round(NIGHT_ENTRIES + DAY_ENTRIES * share * day ** 1.4 + 60 * wave + 90 * noise(at.getTime(), 1));
}

function floodAt(ago: number): number {
  const since = INCIDENT.fromSeconds - ago;
  if (since < 0 || since > FLOOD_LASTS_SECONDS) return 0;
  const rise = Math.min(1, since / FLOOD_RISES_SECONDS, (FLOOD_LASTS_SECONDS - since) / FLOOD_RISES_SECONDS);
  return FLOOD_ENTRIES * rise;
}

/** -1 to 1, the same for the same arguments. */
function noise(milliseconds: number, seed: number): number {
  const value = Math.sin((milliseconds / 1_000) * 12.9898 + seed * 78.233) * 43_758.5453;
  return 2 * (value - Math.floor(value)) - 1;
}
