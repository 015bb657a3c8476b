import { Injectable } from '@nestjs/common';
import type { ClosedChange } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { decideRaise, whetherToRaise, type GuardDecision, type GuardReading, type RaiseDecision } from '../../domain/guard/decide-raise.ts';
import { NO_GUARD_HISTORY, withGuardChange, type GuardHistory } from '../../domain/guard/guard-history.ts';
import type { Forecast } from '../../domain/history/forecast.ts';
import type { LiveSettings } from '../../domain/setting.ts';
import { ChangeHost } from '../change/change-host.ts';
import { GUARD_CALLER, PLAIN_TERMS } from '../change/change-terms.ts';
import { Confirmations } from '../change/confirmations.ts';
import { FollowedChanges } from '../change/follow-changes.ts';
import type { WantedChange } from '../change/plan-change.ts';
import { WatchDrift } from '../change/watch-drift.ts';
import { Clock } from '../ports/clock.ts';
import { Journal, type GuardRecord } from '../ports/journal.ts';
import { KernelTable } from '../ports/kernel.ts';
import { ReadHistory } from '../table/read-history.ts';
import { ConfigureGuard } from './configure-guard.ts';

/** After a raise that was refused before it was recorded, such as while a setting awaits confirmation. */
const RETRY_MILLISECONDS = 5_000;
/** Samples are not taken more often. */
const FORECAST_MILLISECONDS = 10_000;

/** What the guard does now, and its state. */
export interface GuardStatus {
  readonly decision: GuardDecision;
  readonly reading: GuardReading;
  readonly history: GuardHistory;
  /** Why the last raise was refused before it was recorded; absent if it was not. */
  readonly refused?: ConntrackError;
}

/** Raises `max` before the table is full, within the limits of its configuration. */
@Injectable()
export class GuardCapacity {
  private followed: { readonly record: GuardRecord; readonly changes: FollowedChanges; history: GuardHistory } | undefined;
  private forecast: { readonly at: number; readonly forecast: Forecast | undefined } | undefined;
  private refused: { readonly error: ConntrackError; readonly retryAt: number } | undefined;

  constructor(
    private readonly configuration: ConfigureGuard,
    private readonly table: KernelTable,
    private readonly host: ChangeHost,
    private readonly drift: WatchDrift,
    private readonly confirmations: Confirmations,
    private readonly readHistory: ReadHistory,
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  /**
   * To be called every second. While the guard is off it reads nothing; while the table has room, count and max.
   *
   * @returns the recorded change; `undefined` where nothing was raised
   *
   * @throws ConntrackError as `ChangeHost.perform`; `AWAITING_CONFIRMATION`
   */
  async run(): Promise<ClosedChange | undefined> {
    if (!this.configuration.config().enabled || this.clock.bootMilliseconds() < (this.refused?.retryAt ?? 0)) return undefined;
    if ((await this.status()).decision.action !== 'raise') return undefined;
    // Otherwise the raise would overwrite a value that another program has just set, before it is recorded.
    await this.drift.run();
    const { decision } = await this.status();
    return decision.action === 'raise' ? this.raise(decision) : undefined;
  }

  /** Changes and records nothing. @throws ConntrackError `CONNTRACK_NOT_LOADED`, `JOURNAL_UNAVAILABLE` */
  async status(): Promise<GuardStatus> {
    const config = this.configuration.config();
    const [reading, history] = [await this.read(), await this.history()];
    const trigger = whetherToRaise(config, reading, history, this.clock.now());
    const decision = 'action' in trigger ? trigger : decideRaise(config, trigger, await this.table.facts());
    return { decision, reading, history, ...(this.refused && { refused: this.refused.error }) };
  }

  private async raise(decision: RaiseDecision): Promise<ClosedChange> {
    try {
      const change = await this.host.perform(GUARD_CALLER, { ...PLAIN_TERMS, acknowledge: ['MAX_MEMORY'] }, (live) =>
        this.decide(live, decision),
      );
      this.refused = undefined;
      return change;
    } catch (error) {
      if (error instanceof ConntrackError) this.refused = { error, retryAt: this.clock.bootMilliseconds() + RETRY_MILLISECONDS };
      throw error;
    }
  }

  /** Under the write lock. */
  private decide(live: LiveSettings, { reason, raise }: RaiseDecision): WantedChange {
    const { max, buckets, evidence } = raise;
    const found = live.settings.find(({ name }) => name === 'max')?.value;
    if (found !== evidence.max) {
      throw new ConntrackError(
        'PRECONDITION_FAILED',
        `max was ${evidence.max} when the guard decided, and is ${found ?? 'unreadable'} now.`,
      );
    }
    const settings = { max, ...(buckets !== undefined && { buckets }) };
    this.confirmations.requireNotPending(Object.keys(settings), undefined);
    return { kind: 'change', reason, rollbackOf: null, relatesTo: null, settings, files: [], persist: null, guard: evidence };
  }

  private async read(): Promise<GuardReading> {
    const usage = await this.table.usage();
    const { max, secondsToFull } = this.recentForecast() ?? {};
    // A forecast for another max says nothing about this one.
    return { ...usage, ...(secondsToFull !== undefined && max === usage.max && { secondsToFull }) };
  }

  private recentForecast(): Forecast | undefined {
    const at = this.clock.bootMilliseconds();
    if (!this.forecast || at - this.forecast.at >= FORECAST_MILLISECONDS) this.forecast = { at, forecast: this.newForecast() };
    return this.forecast.forecast;
  }

  private newForecast(): Forecast | undefined {
    try {
      return this.readHistory.forecast();
    } catch (error) {
      if (error instanceof ConntrackError) return undefined;
      throw error;
    }
  }

  private async history(): Promise<GuardHistory> {
    const record = this.configuration.current();
    if (!record) return NO_GUARD_HISTORY;
    const followed = this.followed?.record === record ? this.followed : this.follow(record);
    await followed.changes.catchUp();
    return followed.history;
  }

  private follow(record: GuardRecord): NonNullable<GuardCapacity['followed']> {
    const changes = new FollowedChanges(this.journal, record.afterChange, (change) => {
      followed.history = withGuardChange(followed.history, change);
    });
    const followed = { record, changes, history: NO_GUARD_HISTORY };
    this.followed = followed;
    return followed;
  }
}
