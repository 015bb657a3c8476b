import { Injectable } from '@nestjs/common';
import type { ClosedChange } from '../../domain/change.ts';
import { isDue } from '../../domain/confirm-window.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { RISK_CODES } from '../../domain/risks/risk.ts';
import type { LiveSettings, SettingValues } from '../../domain/setting.ts';
import type { Caller } from '../../domain/token.ts';
import { ChangeHost } from './change-host.ts';
import { PLAIN_TERMS, type ChangeTerms } from './change-terms.ts';
import { PersistValues } from './persist-values.ts';
import type { WantedChange } from './plan-change.ts';
import { Clock } from '../ports/clock.ts';
import { Journal } from '../ports/journal.ts';

/** Ends a confirmation window. The arrival of this call proves that the host is still reachable. */
@Injectable()
export class ConfirmChange {
  constructor(
    private readonly host: ChangeHost,
    private readonly persistValues: PersistValues,
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  /**
   * Risks that were acknowledged with the change need not be acknowledged again.
   *
   * @throws ConntrackError `CHANGE_NOT_FOUND`, `NOT_AWAITING_CONFIRMATION`, `INSUFFICIENT_SCOPE` where boot files would be written;
   *   `RISK_UNACKNOWLEDGED` where a new risk for the next boot has appeared since the change.
   */
  async run(caller: Caller, id: number, reason: string | null, terms: ChangeTerms = PLAIN_TERMS): Promise<ClosedChange> {
    const { acknowledged } = this.journal.get(id);
    const acknowledge = RISK_CODES.filter((code) => acknowledged.includes(code));
    return this.host.perform(caller, { ...terms, acknowledge }, (live) => this.decide(caller, live, id, reason));
  }

  private async decide(caller: Caller, live: LiveSettings, id: number, reason: string | null): Promise<WantedChange> {
    const change = this.requireAwaiting(live, id);
    const persist = change.confirm?.persist ? { values: appliedValues(change), last: change.confirm.last ?? false } : null;
    if (persist && !caller.scopes.includes('settings:persist')) {
      throw new ConntrackError(
        'INSUFFICIENT_SCOPE',
        `Confirming change ${id} writes boot files, which requires the scope settings:persist.`,
      );
    }
    const files = persist ? await this.persistValues.plan(live.layout, persist) : [];
    return { kind: 'confirmation', reason, rollbackOf: null, relatesTo: id, settings: {}, files, persist };
  }

  private requireAwaiting(live: LiveSettings, id: number): ClosedChange {
    const change = this.journal.awaitingConfirmation().find((candidate) => candidate.id === id);
    if (change?.confirm && !isDue(change.confirm, live.bootId ?? null, this.clock.bootMilliseconds())) return change;
    const message = change ? `The confirmation window of change ${id} has ended.` : `Change ${id} is not awaiting confirmation.`;
    throw new ConntrackError('NOT_AWAITING_CONFIRMATION', message, {
      changeId: id,
      remedy: `Read GET /api/v1/changes/${id} and the changes after it: one of them shows whether it was confirmed, reverted or rolled back.`,
    });
  }
}

/** Only what was applied and read back is persisted. */
function appliedValues({ settings, observed }: ClosedChange): SettingValues {
  return Object.fromEntries(settings.map(({ name, requested }) => [name, observed.settings[name] ?? requested]));
}
