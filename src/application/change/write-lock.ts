import { Injectable } from '@nestjs/common';

/** One at a time, in order of arrival: whatever may move the host runs in here. */
@Injectable()
export class WriteLock {
  private last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.last.then(work);
    this.last = mine.catch(() => undefined);
    return mine;
  }
}
