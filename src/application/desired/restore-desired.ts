import { Injectable } from '@nestjs/common';
import type { Change, ClosedChange } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { desiredHistory, type DesiredHistory } from '../../domain/desired/desired-history.ts';
import { expectationOf, targetOf, type DesiredSetting } from '../../domain/desired/desired-state.ts';
import { desiredStatus, type DesiredStatus } from '../../domain/desired/desired-status.ts';
import type { LiveSettings, SettingName } from '../../domain/setting.ts';
import { ChangeHost } from '../change/change-host.ts';
import { changesOf } from '../change/changes-of.ts';
import { DESIRED_CALLER, PLAIN_TERMS } from '../change/change-terms.ts';
import { Confirmations } from '../change/confirmations.ts';
import type { WantedChange } from '../change/plan-change.ts';
import { Clock } from '../ports/clock.ts';
import { Journal } from '../ports/journal.ts';
import { KernelSettings } from '../ports/kernel.ts';
import { ConfigureDesired } from './configure-desired.ts';

/** After a change that was refused before it was recorded. */
const RETRY_MILLISECONDS = 60_000;

interface Refusal {
  readonly error: ConntrackError;
  readonly retryAt: number;
}

export interface KnownStatus extends DesiredStatus {
  /** Why the last change was refused before it was recorded; absent if it was not. */
  readonly refused?: ConntrackError;
}

/** Restores settings that another program changed, as often as the desired state allows. */
@Injectable()
export class RestoreDesired {
  private cachedHistories: { readonly hash: string; readonly histories: ReadonlyMap<SettingName, DesiredHistory> } | undefined;
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
    for (const status of this.statuses(live)) {
      const { name, state } = status;
      if (state !== 'restoring') this.refused.delete(name);
      else if (this.clock.bootMilliseconds() >= (this.refused.get(name)?.retryAt ?? 0)) changes.push(...(await this.restore(status)));
    }
    return changes;
  }

  /** Changes and records nothing. @throws ConntrackError `CONNTRACK_NOT_LOADED`, `JOURNAL_UNAVAILABLE` */
  async status(): Promise<readonly KnownStatus[]> {
    return this.statuses(await this.kernel.read()).map((status) => {
      const refusal = this.refused.get(status.name);
      return { ...status, ...(refusal && { refused: refusal.error }) };
    });
  }

  private statuses({ settings }: LiveSettings): readonly DesiredStatus[] {
    const state = this.desired.state();
    const names = Object.keys(state.settings);
    if (names.length === 0) return [];
    const values = new Map(settings.map(({ name, value }) => [name, value]));
    const histories = this.histories();
    const now = this.clock.now();
    return names.map((name) => desiredStatus(name, state, values.get(name), histories.get(name) ?? { restores: [] }, now));
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
  private decide(live: LiveSettings, name: SettingName, desired: DesiredSetting, why: string): WantedChange {
    const status = this.statuses(live).find((each) => each.name === name);
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

  private histories(): ReadonlyMap<SettingName, DesiredHistory> {
    const { hash } = this.journal.head();
    if (this.cachedHistories?.hash !== hash) this.cachedHistories = { hash, histories: this.readHistories() };
    return this.cachedHistories.histories;
  }

  private readHistories(): ReadonlyMap<SettingName, DesiredHistory> {
    const record = this.desired.current();
    const settings = Object.entries(record?.config.settings ?? {});
    return new Map(settings.map(([name, desired]) => [name, this.readHistory(name, desired, record?.afterChange ?? 0)]));
  }

  private readHistory(name: SettingName, desired: DesiredSetting, after: number): DesiredHistory {
    const changes: Change[] = [];
    for (const change of changesOf(this.journal, name)) {
      if (change.id <= after) return desiredHistory(name, desired, changes, change);
      changes.unshift(change);
    }
    return desiredHistory(name, desired, changes);
  }
}
