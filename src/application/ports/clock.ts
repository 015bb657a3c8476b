/** Passed in so that logic never reads the clock. */
export abstract class Clock {
  abstract now(): Date;

  /** Milliseconds since boot, suspend included (CLOCK_BOOTTIME); setting the wall clock does not move it. */
  abstract bootMilliseconds(): number;
}
