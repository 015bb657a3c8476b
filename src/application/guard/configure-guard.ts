import { Injectable } from '@nestjs/common';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { GUARD_DEFAULTS, type GuardConfig } from '../../domain/guard/guard-config.ts';
import type { Caller } from '../../domain/token.ts';
import { Clock } from '../ports/clock.ts';
import { Journal, type GuardRecord } from '../ports/journal.ts';
import { KernelSettings } from '../ports/kernel.ts';
import { retryWhileLocked } from '../retry-while-locked.ts';

/** Whether the configuration is the one that the client read (If-Match). `null`: any will do. */
export type ExpectedGuard = ((current: GuardRecord | undefined) => boolean) | null;

/** The configuration of the capacity guard. The newest record in the journal is in effect. */
@Injectable()
export class ConfigureGuard {
  private cached: { readonly record: GuardRecord | undefined } | undefined;

  constructor(
    private readonly journal: Journal,
    private readonly kernel: KernelSettings,
    private readonly clock: Clock,
  ) {}

  /** From memory: only this service configures the guard. `undefined` before the first configuration. @throws ConntrackError `JOURNAL_UNAVAILABLE` */
  current(): GuardRecord | undefined {
    this.cached ??= { record: this.journal.guard() };
    return this.cached.record;
  }

  config(): GuardConfig {
    return this.current()?.config ?? GUARD_DEFAULTS;
  }

  /**
   * Replaces the configuration, and starts a guard that has stopped.
   *
   * @throws ConntrackError `VALUE_OUT_OF_RANGE` for a ceiling below the live max; `PRECONDITION_FAILED`, `JOURNAL_UNAVAILABLE`
   */
  async run(caller: Caller, config: GuardConfig, isExpected: ExpectedGuard): Promise<GuardRecord> {
    if (config.enabled && config.ceiling !== null) await this.requireAboveMax(config.ceiling);
    const record = await retryWhileLocked(() => {
      if (isExpected && !isExpected(this.current())) {
        throw new ConntrackError('PRECONDITION_FAILED', 'The configuration of the guard no longer matches the If-Match header.', {
          remedy: 'Read GET /api/v1/guard again, and send its new ETag.',
        });
      }
      return this.journal.configureGuard(config, caller, this.clock.now());
    });
    this.cached = { record };
    return record;
  }

  private async requireAboveMax(ceiling: number): Promise<void> {
    const { settings } = await this.kernel.readIfLoaded();
    const max = settings.find(({ name }) => name === 'max')?.value ?? 0;
    if (ceiling >= max) return;
    throw new ConntrackError('VALUE_OUT_OF_RANGE', `ceiling: expected at least ${max}, the live max, found ${ceiling}.`, {
      errors: [{ field: 'ceiling', expected: `an integer from ${max} (the live max)`, found: String(ceiling) }],
      remedy: 'The guard never lowers max. Choose a higher ceiling, or lower max first.',
    });
  }
}
