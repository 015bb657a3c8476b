import { Injectable } from '@nestjs/common';
import type { ClosedChange } from '../../domain/change.ts';
import { isDue } from '../../domain/confirm-window.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { LiveSettings } from '../../domain/setting.ts';
import { ChangeHost } from './change-host.ts';
import { PLAIN_TERMS, serviceCaller } from './change-terms.ts';
import type { WantedChange } from './plan-change.ts';
import { Clock } from '../ports/clock.ts';
import { Journal } from '../ports/journal.ts';
import { KernelSettings } from '../ports/kernel.ts';

const SERVICE = serviceCaller('confirmation-window');
const RETRY_MILLISECONDS = 60_000;

/** Reverts changes whose confirmation window has ended without a confirmation. */
@Injectable()
export class RevertUnconfirmed {
  /** By change id: boot-clock time before which a failed revert is not retried. */
  private readonly notBefore = new Map<number, number>();

  constructor(
    private readonly host: ChangeHost,
    private readonly kernel: KernelSettings,
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  /** To be called at start, before the first request, and every second. Cheap while no change awaits confirmation. */
  async run(): Promise<void> {
    const awaiting = this.journal.awaitingConfirmation();
    if (awaiting.length === 0) return;
    const { bootId } = await this.kernel.read();
    for (const change of awaiting) if (this.isDueNow(change, bootId ?? null)) await this.revert(change);
  }

  private isDueNow({ id, confirm }: ClosedChange, bootId: string | null): boolean {
    const now = this.clock.bootMilliseconds();
    return confirm !== null && isDue(confirm, bootId, now) && now >= (this.notBefore.get(id) ?? 0);
  }

  private async revert({ id }: ClosedChange): Promise<void> {
    try {
      await this.host.perform(SERVICE, PLAIN_TERMS, (live) => this.decide(live, id));
    } catch (error) {
      if (!(error instanceof ConntrackError && error.code === 'NOT_AWAITING_CONFIRMATION')) throw error;
    } finally {
      this.notBefore.set(id, this.clock.bootMilliseconds() + RETRY_MILLISECONDS);
    }
  }

  /**
   * Compare-and-swap: a value that another writer changed meanwhile is left alone, and the outcome is `diverged`. A reboot has already reverted
   * the change: nothing is written then.
   */
  private decide(live: LiveSettings, id: number): WantedChange {
    const change = this.journal.awaitingConfirmation().find((candidate) => candidate.id === id);
    if (!change || !this.isDueNow(change, live.bootId ?? null)) {
      throw new ConntrackError(
        'NOT_AWAITING_CONFIRMATION',
        `Change ${id} was confirmed, extended or rolled back just before its window ended.`,
      );
    }
    const sameBoot = change.confirm?.deadline.bootId === (live.bootId ?? null);
    const altered = (sameBoot ? change.settings : []).filter(({ name, before }) => change.observed.settings[name] !== before);
    const values = new Map(live.settings.map(({ name, value }) => [name, value]));
    const unchanged = altered.filter(({ name }) => values.get(name) === change.observed.settings[name]);
    return {
      kind: 'auto-revert',
      reason: sameBoot ? 'not confirmed in time' : 'not confirmed before the host was rebooted, which reverted it',
      rollbackOf: id,
      relatesTo: null,
      settings: Object.fromEntries(unchanged.map(({ name, before }) => [name, before])),
      files: [],
      persist: null,
      leftAlone: altered.length - unchanged.length,
    };
  }
}
