/**
 * One reading for all callers that request it while it runs, so that many clients cost no more than one. Nothing is kept after its end.
 *
 * A reading that began before a change ended is not given to callers that come after the change: they get a new one.
 */
export class SharedReading<T> {
  private readonly read: () => Promise<T>;
  private readonly changes: () => number;
  private running: { readonly changes: number; readonly result: Promise<T> } | undefined;

  /** @param changes the number of changes that have ended */
  constructor(read: () => Promise<T>, changes: () => number) {
    this.read = read;
    this.changes = changes;
  }

  get(): Promise<T> {
    const changes = this.changes();
    if (this.running?.changes === changes) return this.running.result;
    const running = { changes, result: this.read() };
    this.running = running;
    const forget = (): void => {
      if (this.running === running) this.running = undefined;
    };
    running.result.then(forget, forget);
    return running.result;
  }
}
