import { Injectable } from '@nestjs/common';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { GUARD_DEFAULTS, type GuardConfig } from '../../domain/guard/guard-config.ts';
import type { Caller } from '../../domain/token.ts';
import { KeptConfiguration, type ExpectedConfiguration } from '../kept-configuration.ts';
import { Clock } from '../ports/clock.ts';
import { Journal, type GuardRecord } from '../ports/journal.ts';
import { KernelSettings } from '../ports/kernel.ts';

/** The configuration of the capacity guard. */
@Injectable()
export class ConfigureGuard {
  private readonly kept: KeptConfiguration<GuardConfig>;
  private readonly kernel: KernelSettings;

  constructor(journal: Journal, kernel: KernelSettings, clock: Clock) {
    this.kernel = kernel;
    const write = (config: GuardConfig, by: Caller): GuardRecord => journal.configureGuard(config, by, clock.now());
    this.kept = new KeptConfiguration({ resource: 'guard', read: () => journal.guard(), write });
  }

  /** `undefined` before the first configuration. @throws ConntrackError `JOURNAL_UNAVAILABLE` */
  current(): GuardRecord | undefined {
    return this.kept.current();
  }

  config(): GuardConfig {
    return this.current()?.config ?? GUARD_DEFAULTS;
  }

  /**
   * Replaces the configuration, and starts a guard that has stopped.
   *
   * @throws ConntrackError `VALUE_OUT_OF_RANGE` for a ceiling below the live max; `PRECONDITION_FAILED`, `JOURNAL_UNAVAILABLE`
   */
  async run(caller: Caller, config: GuardConfig, isExpected: ExpectedConfiguration<GuardConfig>): Promise<GuardRecord> {
    if (config.enabled && config.ceiling !== null) await this.requireAboveMax(config.ceiling);
    return this.kept.replace(caller, config, isExpected);
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
