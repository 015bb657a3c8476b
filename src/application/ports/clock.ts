/** Passed in so that logic never reads the clock. */
export abstract class Clock {
  abstract now(): Date;
}
