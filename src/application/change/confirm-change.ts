import { Injectable } from '@nestjs/common';
import { isDue, tookEffect, type Change, type ClosedChange } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { ConfirmationWindow } from '../../domain/pending-settings.ts';
import { PERSISTED_TOGETHER } from '../../domain/persist-options.ts';
import { RISK_CODES } from '../../domain/risks/risk.ts';
import type { LiveSettings, SettingName, SettingValues } from '../../domain/setting.ts';
import type { Caller } from '../../domain/token.ts';
import { ChangeHost } from './change-host.ts';
import { PLAIN_TERMS, type ChangeTerms } from './change-terms.ts';
import { Confirmations } from './confirmations.ts';
import { PersistValues, type Persisting } from './persist-values.ts';
import type { WantedChange } from './plan-change.ts';
import { BootFiles } from '../ports/boot-files.ts';
import { Clock } from '../ports/clock.ts';
import { Journal } from '../ports/journal.ts';

/** Ends a confirmation window. The arrival of this call proves that the host is still reachable. */
@Injectable()
export class ConfirmChange {
  constructor(
    private readonly host: ChangeHost,
    private readonly persistValues: PersistValues,
    private readonly bootFiles: BootFiles,
    private readonly confirmations: Confirmations,
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  /**
   * Confirms the settings that are still pending under the change, and persists only those. Risks that were acknowledged with the change need not
   * be acknowledged again. The outcome is `diverged` if another program has changed a value meanwhile: that value is not persisted.
   *
   * @throws ConntrackError `CHANGE_NOT_FOUND`, `NOT_AWAITING_CONFIRMATION`, `INSUFFICIENT_SCOPE` where boot files would be written;
   *   `RISK_UNACKNOWLEDGED` where a new risk for the next boot has appeared since the change.
   */
  async run(caller: Caller, id: number, reason: string | null, terms: ChangeTerms = PLAIN_TERMS): Promise<ClosedChange> {
    const { acknowledged, namespace } = this.journal.get(id);
    const acknowledge = RISK_CODES.filter((code) => acknowledged.includes(code));
    return this.host.perform(caller, { ...terms, acknowledge }, (live) => this.decide(caller, live, id, reason), namespace);
  }

  private async decide(caller: Caller, live: LiveSettings, id: number, reason: string | null): Promise<WantedChange> {
    const { change, pending } = raiseToPersist(this.journal.get(id)) ?? this.requireAwaiting(live, id);
    const confirmed = pending.filter((name) => valueOf(live, name) === change.observed.settings[name]);
    const persist = (change.confirm?.persist ?? change.guard) ? await this.toPersist(live, change, confirmed) : null;
    if (persist && !caller.scopes.includes('settings:persist')) {
      throw new ConntrackError(
        'INSUFFICIENT_SCOPE',
        `Confirming change ${id} writes boot files, which requires the scope settings:persist.`,
      );
    }
    const files = persist ? await this.persistValues.plan(live.layout, persist) : [];
    const leftAlone = pending.length - confirmed.length;
    return { kind: 'confirmation', reason, rollbackOf: null, relatesTo: id, settings: {}, files, persist, leftAlone };
  }

  /** Only what was applied, was read back and is still live is persisted. */
  private async toPersist(live: LiveSettings, change: ClosedChange, names: readonly SettingName[]): Promise<Persisting> {
    const values = Object.fromEntries(names.map((name) => [name, change.observed.settings[name] ?? NaN]));
    return { values: { ...(await this.companions(live, names)), ...values }, last: change.confirm?.last ?? false };
  }

  /** The boot files hold max and buckets together. The one that is not confirmed here keeps its persisted or its last confirmed value. */
  private async companions(live: LiveSettings, names: readonly SettingName[]): Promise<SettingValues> {
    if (!names.some((name) => PERSISTED_TOGETHER.includes(name))) return {};
    const missing = PERSISTED_TOGETHER.filter((name) => !names.includes(name));
    const persisted = missing.length > 0 ? await this.bootFiles.persisted(live.layout) : {};
    const { settings } = this.confirmations.current();
    return Object.fromEntries(
      missing.flatMap((name) => {
        // A kernel may have only one of them.
        const value = persisted[name] ?? settings.get(name)?.confirmed ?? valueOf(live, name);
        return value === undefined ? [] : [[name, value] as const];
      }),
    );
  }

  private requireAwaiting(live: LiveSettings, id: number): ConfirmationWindow {
    const window = this.confirmations.current().windows.get(id);
    if (window?.endedBy === undefined && window?.change.confirm) {
      if (isDue(window.change.confirm, live.bootId ?? null, this.clock.bootMilliseconds())) {
        throw notAwaiting(id, `The confirmation window of change ${id} has ended.`);
      }
      if (window.pending.length > 0) return window;
      const superseded = [...window.superseded].map(([name, by]) => `${name} by change ${by}`).join(', ');
      throw notAwaiting(id, `Nothing of change ${id} is left to confirm. Later changes superseded its settings: ${superseded}.`);
    }
    throw notAwaiting(id, `Change ${id} is not awaiting confirmation.`);
  }
}

/** A raise of the capacity guard, which a person can persist by confirming it. It has no window. */
function raiseToPersist(change: Change): { readonly change: ClosedChange; readonly pending: readonly SettingName[] } | undefined {
  if (!change.guard?.persistAfterConfirm || !tookEffect(change)) return undefined;
  return { change, pending: change.settings.map(({ name }) => name) };
}

function notAwaiting(id: number, message: string): ConntrackError {
  return new ConntrackError('NOT_AWAITING_CONFIRMATION', message, {
    changeId: id,
    remedy: `Read GET /api/v1/changes/${id} and the changes after it: one of them shows whether it was confirmed, reverted, rolled back or superseded.`,
  });
}

function valueOf({ settings }: LiveSettings, name: SettingName): number | undefined {
  return settings.find((setting) => setting.name === name)?.value;
}
