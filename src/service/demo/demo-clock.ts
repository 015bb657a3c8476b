import { Clock } from '../../application/ports/clock.ts';

const UP_DAYS = 23;

/** The time of the simulated host, which has been running for some weeks. Set back while its past is recorded. */
export class DemoClock extends Clock {
  private past: Date | undefined;
  private readonly bootedAt = Date.now() - UP_DAYS * 86_400_000;

  now(): Date {
    return this.past ?? new Date();
  }

  bootMilliseconds(): number {
    return this.now().getTime() - this.bootedAt;
  }

  /** @param past absent: the present */
  set(past?: Date): void {
    this.past = past;
  }
}
