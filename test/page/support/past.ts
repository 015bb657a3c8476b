import type { Sample } from '../../../src/domain/history/sample.ts';

const EVERY_SECONDS = 10;

/** The samples of the last hour: a rise to more than two thirds of max, with drops, and a gap of ten minutes in which the service did not run. */
export function pastHour(now: Date): readonly Sample[] {
  return Array.from({ length: 360 }, (_, index) => index)
    .filter((index) => index < 90 || index > 150)
    .map((index): Sample => {
      const rise = Math.max(0, Math.sin(((index - 120) / 330) * Math.PI));
      const count = Math.round(9_000 + 1_200 * Math.sin(index / 7) + 400 * Math.sin(index * 1.7) + 38_000 * rise ** 3);
      const pressure = Math.max(0, rise - 0.8) * 5;
      return {
        at: new Date(now.getTime() - (361 - index) * EVERY_SECONDS * 1000),
        count,
        max: 65_536,
        buckets: 16_384,
        counted: {
          seconds: EVERY_SECONDS,
          increments: {
            drop: Math.round(pressure * 14 * (1 + Math.sin(index))),
            early_drop: Math.round(pressure * 60 * (1.2 + Math.sin(index / 3))),
            insert_failed: index % 11 === 0 ? 2 : 0,
            chainlength: 0,
            invalid: Math.round(18 + 9 * Math.sin(index / 5)),
          },
        },
      };
    });
}
