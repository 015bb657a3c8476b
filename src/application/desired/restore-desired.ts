import { Injectable } from '@nestjs/common';
import type { ClosedChange } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { firstHistory, withChange, type DesiredHistory } from '../../domain/desired/desired-history.ts';
import { expectationOf, targetOf, type DesiredSetting } from '../../domain/desired/desired-state.ts';
import { desiredStatus, type DesiredStatus } from '../../domain/desired/desired-status.ts';
import type { LiveSettings, SettingName } from '../../domain/setting.ts';
import { ChangeHost } from '../change/change-host.ts';
import { DESIRED_CALLER, PLAIN_TERMS } from '../change/change-terms.ts';
import { Confirmations } from '../change/confirmations.ts';
import { FollowedChanges } from '../change/follow-changes.ts';
import type { WantedChange } from '../change/plan-change.ts';
import { Clock } from '../ports/clock.ts';
import { Journal, type DesiredRecord } from '../ports/journal.ts';
import { KernelSettings } from '../ports/kernel.ts';
import { ConfigureDesired } from './configure-desired.ts';

/** After a change that was refused before it was recorded. */
const RETRY_MILLISECONDS = 60_000;

interface Refusal {
  readonly error: ConntrackError;
  readonly retryAt: number;
}

/** The histories of all settings of a desired state. */
interface Followed {
  readonly record: DesiredRecord;
  readonly changes: FollowedChanges;
  readonly histories: Map<SettingName, DesiredHistory>;
}

export interface KnownStatus extends DesiredStatus {
  /** Why the last change was refused before it was recorded; absent if it was not. */
  readonly refused?: ConntrackError;
}

/** Restores settings that another program changed, as often as the desired state allows. */
@Injectable()
export class RestoreDesired {
  private followed: Followed | undefined;
  private readonly refused = new Map<SettingName, Refusal>();

  constructor(
    private readonly desired: ConfigureDesired,
    private readonly host: ChangeHost,
    private readonly confirmations: Confirmations,
    private readonly kernel: KernelSettings,
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  /**
   * To be called after drift was recorded. A setting that cannot be restored does not keep others from it.
   *
   * @param live what was just compared
   *
   * @returns the recorded changes
   */
  async run(live: LiveSettings): Promise<readonly ClosedChange[]> {
    const changes: ClosedChange[] = [];
    for (const status of await this.statuses(live)) {
      const { name, state } = status;
      if (state !== 'restoring') this.refused.delete(name);
      else if (this.clock.bootMilliseconds() >= (this.refused.get(name)?.retryAt ?? 0)) changes.push(...(await this.restore(status)));
    }
    return changes;
  }

  /** Changes and records nothing. @throws ConntrackError `CONNTRACK_NOT_LOADED`, `JOURNAL_UNAVAILABLE` */
  async status(): Promise<readonly KnownStatus[]> {
    const statuses = await this.statuses(await this.kernel.read());
    return statuses.map((status) => {
      const refusal = this.refused.get(status.name);
      return { ...status, ...(refusal && { refused: refusal.error }) };
    });
  }

  private async statuses({ settings }: LiveSettings): Promise<readonly DesiredStatus[]> {
    const record = this.desired.current();
    if (!record || Object.keys(record.config.settings).length === 0) return [];
    const values = new Map(settings.map(({ name, value }) => [name, value]));
    const { changes, histories } = this.followed?.record === record ? this.followed : this.follow(record);
    await changes.catchUp();
    const now = this.clock.now();
    return Array.from(histories, ([name, history]) => desiredStatus(name, record.config, values.get(name), history, now));
  }

  private async restore({ name, desired, reason }: DesiredStatus): Promise<readonly ClosedChange[]> {
    try {
      const change = await this.host.perform(DESIRED_CALLER, PLAIN_TERMS, (live) => this.decide(live, name, desired, reason));
      this.refused.delete(name);
      return [change];
    } catch (error) {
      if (!(error instanceof ConntrackError)) throw error;
      this.refused.set(name, { error, retryAt: this.clock.bootMilliseconds() + RETRY_MILLISECONDS });
      return [];
    }
  }

  /** Under the write lock. */
  private async decide(live: LiveSettings, name: SettingName, desired: DesiredSetting, why: string): Promise<WantedChange> {
    const statuses = await this.statuses(live);
    const status = statuses.find((each) => each.name === name);
    if (status?.state !== 'restoring') {
      throw new ConntrackError(
        'PRECONDITION_FAILED',
        `${name} is ${status?.value ?? 'unreadable'} now, expected ${expectationOf(desired)}.`,
      );
    }
    const settings = { [name]: targetOf(desired) };
    this.confirmations.requireNotPending([name], undefined);
    return { kind: 'change', reason: `desired state: ${why}`, rollbackOf: null, relatesTo: null, settings, files: [], persist: null };
  }

  private follow(record: DesiredRecord): Followed {
    const { config, afterChange } = record;
    const settings = Object.entries(config.settings);
    const histories = new Map(
      settings.map(([name]) => [name, firstHistory(this.journal.list({ subject: name }, 1, afterChange + 1)[0])] as const),
    );
    const changes = new FollowedChanges(this.journal, afterChange, (change) => {
      for (const [name, desired] of settings)
        histories.set(name, withChange(histories.get(name) ?? firstHistory(undefined), change, name, desired));
    });
    this.followed = { record, changes, histories };
    return this.followed;
  }
}
