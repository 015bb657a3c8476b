import { Injectable } from '@nestjs/common';

/** Only one holder at a time, in order of arrival. Everything that may change the host holds it. */
@Injectable()
export class WriteLock {
  private last: Promise<void> = Promise.resolve();

  /** The lock is held until the result is disposed. Never rejects. */
  async acquire(): Promise<Disposable> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const previous = this.last;
    this.last = promise;
    await previous;
    return {
      [Symbol.dispose]: () => {
        resolve(undefined);
      },
    };
  }
}
