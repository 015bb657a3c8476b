import { Injectable } from '@nestjs/common';
import { isDue, type ClosedChange } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { ConfirmationWindow } from '../../domain/pending-settings.ts';
import { subjectIn } from '../../domain/namespace.ts';
import type { LiveSettings } from '../../domain/setting.ts';
import { ChangeHost } from './change-host.ts';
import { PLAIN_TERMS, serviceCaller } from './change-terms.ts';
import { Confirmations } from './confirmations.ts';
import type { WantedChange } from './plan-change.ts';
import { Clock } from '../ports/clock.ts';
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
    private readonly confirmations: Confirmations,
    private readonly clock: Clock,
  ) {}

  /**
   * To be called at start, before the first request, then once a second, and several times a second while it returns true. Cheap while no
   * change awaits confirmation.
   *
   * @returns whether a change was awaiting confirmation
   */
  async run(): Promise<boolean> {
    const open = this.confirmations.open();
    if (open.length === 0) return false;
    const { bootId } = await this.kernel.read();
    for (const window of open) if (this.isDueNow(window, bootId ?? null)) await this.revert(window.change);
    return true;
  }

  private isDueNow({ change: { id, confirm } }: ConfirmationWindow, bootId: string | null): boolean {
    const now = this.clock.bootMilliseconds();
    return confirm !== null && isDue(confirm, bootId, now) && now >= (this.notBefore.get(id) ?? 0);
  }

  private async revert({ id, namespace }: ClosedChange): Promise<void> {
    try {
      await this.host.perform(SERVICE, PLAIN_TERMS, (live) => this.decide(live, id), namespace, true);
    } catch (error) {
      if (error instanceof ConntrackError && error.code === 'NOT_AWAITING_CONFIRMATION') return;
      this.retryLater(id);
      throw error;
    }
    this.retryLater(id);
  }

  /** Without effect if the revert succeeded. */
  private retryLater(id: number): void {
    this.notBefore.set(id, this.clock.bootMilliseconds() + RETRY_MILLISECONDS);
  }

  /**
   * Restores the last confirmed values of the settings that are still pending under the change. Compare-and-swap: a value that another writer
   * changed meanwhile is left alone, and the outcome is `diverged`. A reboot has already reverted the change, and so has the deletion of its
   * network namespace: nothing is written then.
   */
  private decide(live: LiveSettings, id: number): WantedChange {
    const { settings, windows } = this.confirmations.current();
    const window = windows.get(id);
    if (!window || window.endedBy !== undefined || !this.isDueNow(window, live.bootId ?? null)) {
      throw new ConntrackError(
        'NOT_AWAITING_CONFIRMATION',
        `Change ${id} was confirmed, extended or rolled back just before its window ended.`,
      );
    }
    const sameBoot = window.change.confirm?.deadline.bootId === (live.bootId ?? null);
    const { namespace } = window.change;
    const isGone = namespace !== undefined && live.settings.length === 0;
    const values = new Map(live.settings.map(({ name, value }) => [name, value]));
    const altered = (sameBoot && !isGone ? window.pending : []).flatMap((name) => {
      const pending = settings.get(subjectIn(namespace, name));
      return pending && pending.left !== pending.confirmed ? [{ name, ...pending }] : [];
    });
    const unchanged = altered.filter(({ name, left }) => values.get(name) === left);
    return {
      kind: 'auto-revert',
      reason:
        sameBoot && isGone
          ? `not confirmed before the network namespace ${namespace.name} was deleted, which reverted it`
          : reasonFor(window, sameBoot),
      rollbackOf: id,
      relatesTo: null,
      settings: Object.fromEntries(unchanged.map(({ name, confirmed }) => [name, confirmed])),
      files: [],
      persist: null,
      leftAlone: altered.length - unchanged.length,
    };
  }
}

function reasonFor({ pending, superseded }: ConfirmationWindow, sameBoot: boolean): string {
  if (!sameBoot) return 'not confirmed before the host was rebooted, which reverted it';
  const later = [...superseded].map(([name, by]) => `${name} by change ${by}`).join(', ');
  if (pending.length === 0) return `not confirmed in time; nothing to revert: superseded were ${later}`;
  return later === '' ? 'not confirmed in time' : `not confirmed in time; superseded were ${later}`;
}
