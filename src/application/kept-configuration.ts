import { ConntrackError } from '../domain/conntrack-error.ts';
import type { Caller } from '../domain/token.ts';
import type { ConfigurationRecord } from './ports/journal.ts';
import { retryWhileLocked } from './retry-while-locked.ts';

/** Whether the configuration is the one that the client read (If-Match). `null`: any will do. */
export type ExpectedConfiguration<C> = ((current: ConfigurationRecord<C> | undefined) => boolean) | null;

interface Recorded<C> {
  /** The newest record. */
  readonly read: () => ConfigurationRecord<C> | undefined;
  readonly write: (config: C, by: Caller) => ConfigurationRecord<C>;
  /** What is under /api/v1. */
  readonly resource: string;
}

/** A configuration whose newest record in the journal is in effect. Kept in memory: only this service changes it. */
export class KeptConfiguration<C> {
  private readonly recorded: Recorded<C>;
  private cached: { readonly record: ConfigurationRecord<C> | undefined } | undefined;

  constructor(recorded: Recorded<C>) {
    this.recorded = recorded;
  }

  /** `undefined` before the first configuration. @throws ConntrackError `JOURNAL_UNAVAILABLE` */
  current(): ConfigurationRecord<C> | undefined {
    this.cached ??= { record: this.recorded.read() };
    return this.cached.record;
  }

  /** @throws ConntrackError `PRECONDITION_FAILED`, `JOURNAL_UNAVAILABLE` */
  async replace(caller: Caller, config: C, isExpected: ExpectedConfiguration<C>): Promise<ConfigurationRecord<C>> {
    const { resource, write } = this.recorded;
    const record = await retryWhileLocked(() => {
      if (isExpected && !isExpected(this.current())) {
        throw new ConntrackError('PRECONDITION_FAILED', `/api/v1/${resource} no longer matches the If-Match header.`, {
          remedy: `Read GET /api/v1/${resource} again, and send its new ETag.`,
        });
      }
      return write(config, caller);
    });
    this.cached = { record };
    return record;
  }
}
