import type { SystemFailure } from '../system-failure.ts';

/** The kernel cannot be listened to. */
export class EventsRefused extends Error {
  /** A path of the host, or a call. */
  readonly what: string;
  /** `DISABLED` where it is set to tell nothing. */
  readonly failure: SystemFailure;

  constructor(what: string, failure: SystemFailure) {
    super(`${what}: ${failure.message} (${failure.code})`);
    this.what = what;
    this.failure = failure;
  }
}
