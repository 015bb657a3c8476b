import { Injectable } from '@nestjs/common';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { NOTHING_DESIRED, targetOf, type DesiredState } from '../../domain/desired/desired-state.ts';
import type { Caller } from '../../domain/token.ts';
import { checkAgainstKernel } from '../change/check-against-kernel.ts';
import { WatchDrift } from '../change/watch-drift.ts';
import { KeptConfiguration, type ExpectedConfiguration } from '../kept-configuration.ts';
import { Clock } from '../ports/clock.ts';
import { Journal, type DesiredRecord } from '../ports/journal.ts';

/** What settings should be, in the network namespace of the service. */
@Injectable()
export class ConfigureDesired {
  private readonly kept: KeptConfiguration<DesiredState>;
  private readonly drift: WatchDrift;

  constructor(journal: Journal, drift: WatchDrift, clock: Clock) {
    this.drift = drift;
    const write = (state: DesiredState, by: Caller): DesiredRecord => journal.configureDesired(state, by, clock.now());
    this.kept = new KeptConfiguration({ resource: 'desired', read: () => journal.desired(), write });
  }

  /** `undefined` before the first. @throws ConntrackError `JOURNAL_UNAVAILABLE` */
  current(): DesiredRecord | undefined {
    return this.kept.current();
  }

  state(): DesiredState {
    return this.current()?.config ?? NOTHING_DESIRED;
  }

  /**
   * Replaces the desired state. Settings that are overridden or contested are restored again.
   *
   * @throws ConntrackError `SETTING_UNKNOWN`, `VALUE_OUT_OF_RANGE`, `SETTING_NOT_WRITABLE` for `restore`; `CONNTRACK_NOT_LOADED`,
   * `PRECONDITION_FAILED`, `JOURNAL_UNAVAILABLE`
   */
  async run(caller: Caller, state: DesiredState, isExpected: ExpectedConfiguration<DesiredState>): Promise<DesiredRecord> {
    if (Object.keys(state.settings).length > 0) await this.requireSettable(state);
    return this.kept.replace(caller, state, isExpected);
  }

  private async requireSettable({ settings }: DesiredState): Promise<void> {
    // What another program set before counts as before, not as the first correction.
    const live = await this.drift.run();
    checkAgainstKernel(live, Object.fromEntries(Object.entries(settings).map(([name, desired]) => [name, targetOf(desired)])));
    const fixed = live.settings.filter(({ name, writable }) => settings[name]?.onDrift === 'restore' && !writable).map(({ name }) => name);
    if (fixed.length === 0) return;
    throw new ConntrackError('SETTING_NOT_WRITABLE', `${fixed.join(', ')} cannot be written here, so it cannot be restored.`, {
      errors: fixed.map((name) => ({ field: `settings.${name}.onDrift`, expected: 'report', found: 'restore' })),
      remedy: 'Use "onDrift": "report". GET /api/v1/settings has the reason why a setting is not writable.',
    });
  }
}
