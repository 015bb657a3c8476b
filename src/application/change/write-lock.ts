import { Injectable } from '@nestjs/common';

/** Only one holder at a time, in order of arrival. Everything that may change the host holds it. */
@Injectable()
export class WriteLock {
  private last: Promise<void> = Promise.resolve();
  private begun = 0;
  private ended = 0;

  /** Whether someone holds the lock or waits for it. */
  get isInUse(): boolean {
    return this.begun > this.ended;
  }

  /** How often the lock has been released: a reading of the host that began at another count may be outdated. */
  get releases(): number {
    return this.ended;
  }

  /** The lock is held until the result is disposed. Never rejects. */
  async acquire(): Promise<Disposable> {
    this.begun += 1;
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
