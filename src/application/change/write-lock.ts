import { Injectable } from '@nestjs/common';

/** Only one holder at a time, in order of arrival. Everything that may change the host holds it. */
@Injectable()
export class WriteLock {
  private last: Promise<void> = Promise.resolve();
  private ended = 0;

  /** How often the lock has been released: a reading of the host that began at another count may be outdated. */
  get releases(): number {
    return this.ended;
  }

  /** The lock is held until the result is disposed. Never rejects. */
  async acquire(): Promise<Disposable> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const previous = this.last;
    this.last = promise;
    await previous;
    return {
      [Symbol.dispose]: () => {
        this.ended += 1;
        resolve(undefined);
      },
    };
  }
}
