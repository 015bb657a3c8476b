import { uptime } from 'node:os';
import { Clock } from '../application/ports/clock.ts';

export class SystemClock extends Clock {
  now(): Date {
    return new Date();
  }

  bootMilliseconds(): number {
    return Math.round(uptime() * 1000);
  }
}
