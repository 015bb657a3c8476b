import { Clock } from '../../../src/application/ports/clock.ts';

/** A clock that changes only when it is set. */
export class SettableClock extends Clock {
  private time: string;

  constructor(time: string) {
    super();
    this.time = time;
  }

  set(time: string): void {
    this.time = time;
  }

  bootMilliseconds(): number {
    return this.now().getTime();
  }

  now(): Date {
    return new Date(this.time);
  }
}
