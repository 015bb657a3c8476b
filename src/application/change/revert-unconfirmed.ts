import { Injectable } from '@nestjs/common';
import { type ClosedChange, isDue } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { LiveSettings } from '../../domain/setting.ts';
import { ChangeHost } from './change-host.ts';
import { PLAIN_TERMS } from './change-terms.ts';
import type { WantedChange } from './plan-change.ts';
import { Clock } from '../ports/clock.ts';
import { Journal } from '../ports/journal.ts';
import { KernelSettings } from '../ports/kernel.ts';
import { serviceCaller } from './service-caller.ts';

const SERVICE = serviceCaller('confirmation-window');
const RETRY_MILLISECONDS = 60_000;

/** Reverts changes whose confirmation window has run out. */
@Injectable()
export class RevertUnconfirmed {
  /** Boot-clock time before which a change whose revert failed is left alone. */
  private readonly notBefore = new Map<number, number>();

  constructor(
    private readonly host: ChangeHost,
    private readonly kernel: KernelSettings,
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  /** To be called at start, before the first request, and every second. Cheap while nothing waits. */
  async run(): Promise<void> {
    const waiting = this.journal.awaitingConfirmation();
    if (waiting.length === 0) return;
    const { bootId } = await this.kernel.read();
    for (const change of waiting) if (this.isDueNow(change, bootId ?? null)) await this.revert(change);
  }

  private isDueNow({ id, confirm }: ClosedChange, bootId: string | null): boolean {
    const now = this.clock.bootMilliseconds();
    return confirm !== null && isDue(confirm, bootId, now) && now >= (this.notBefore.get(id) ?? 0);
  }

  private async revert({ id }: ClosedChange): Promise<void> {
    try {
      await this.host.perform(SERVICE, PLAIN_TERMS, (live) => Promise.resolve(this.decide(live, id)));
    } catch (error) {
      if (!(error instanceof ConntrackError && error.code === 'NOT_AWAITING_CONFIRMATION')) throw error;
    } finally {
      this.notBefore.set(id, this.clock.bootMilliseconds() + RETRY_MILLISECONDS);
    }
  }

  /** Compare-and-swap: what somebody moved meanwhile is left as it is, and the record says diverged. After a reboot there is nothing to revert. */
  private decide(live: LiveSettings, id: number): WantedChange {
    const change = this.journal.awaitingConfirmation().find((candidate) => candidate.id === id);
    if (!change || !this.isDueNow(change, live.bootId ?? null)) {
      throw new ConntrackError('NOT_AWAITING_CONFIRMATION', `Change ${id} was confirmed, extended or rolled back at the last moment.`);
    }
    const sameBoot = change.confirm?.deadline.bootId === (live.bootId ?? null);
    const altered = (sameBoot ? change.settings : []).filter(({ name, before }) => change.observed.settings[name] !== before);
    const values = new Map(live.settings.map(({ name, value }) => [name, value]));
    const asLeft = altered.filter(({ name }) => values.get(name) === change.observed.settings[name]);
    return {
      kind: 'auto-revert',
      reason: sameBoot ? 'not confirmed in time' : 'not confirmed before the host was rebooted, which undid it',
      rollbackOf: id,
      relatesTo: null,
      settings: Object.fromEntries(asLeft.map(({ name, before }) => [name, before])),
      files: [],
      persist: null,
      leftAlone: altered.length - asLeft.length,
    };
  }
}
