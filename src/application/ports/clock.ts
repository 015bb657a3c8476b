/** The time is passed in: logic never reads a clock by itself. */
export abstract class Clock {
  abstract now(): Date;

  /** Milliseconds since boot, suspend included (CLOCK_BOOTTIME); setting the wall clock does not affect it. */
  abstract bootMilliseconds(): number;
}
