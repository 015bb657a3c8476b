import { Injectable } from '@nestjs/common';
import type { Change } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { pendingSettings, type ConfirmationWindow, type PendingSettings } from '../../domain/pending-settings.ts';
import type { SettingName } from '../../domain/setting.ts';
import { Journal } from '../ports/journal.ts';
import { windowOf } from './window-of.ts';

const NOTHING_PENDING: PendingSettings = { settings: new Map(), windows: new Map() };

/** Reads from the journal which settings wait for a confirmation, and under which change. */
@Injectable()
export class Confirmations {
  private cached: { readonly hash: string; readonly state: PendingSettings } | undefined;

  constructor(private readonly journal: Journal) {}

  /** The state now. Cheap while the journal does not change. @throws ConntrackError `JOURNAL_UNAVAILABLE` */
  current(): PendingSettings {
    const { hash } = this.journal.head();
    if (this.cached?.hash !== hash) this.cached = { hash, state: this.read() };
    return this.cached.state;
  }

  private read(): PendingSettings {
    const [oldest] = this.journal.awaitingConfirmation();
    return oldest ? pendingSettings(this.journal.after(oldest.id - 1)) : NOTHING_PENDING;
  }

  /** Windows that have not ended, oldest first: also those whose settings were all superseded. */
  open(): readonly ConfirmationWindow[] {
    return [...this.current().windows.values()].filter(({ endedBy }) => endedBy === undefined);
  }

  /** Open windows with a setting that still waits, oldest first. */
  awaiting(): readonly ConfirmationWindow[] {
    return this.open().filter(({ pending }) => pending.length > 0);
  }

  /** The window of a change as it is now, or as it was when it ended; `undefined` if the change has none or did not take effect. */
  windowOf(change: Change): ConfirmationWindow | undefined {
    if (change.confirm === null) return undefined;
    return this.current().windows.get(change.id) ?? windowOf(this.journal, change);
  }

  /** The window of a change; of a confirmation that of the change that it confirmed. */
  windowFor(change: Change): ConfirmationWindow | undefined {
    const isConfirmation = change.kind === 'confirmation' && change.relatesTo !== null;
    return this.windowOf(isConfirmation ? this.journal.get(change.relatesTo) : change);
  }

  /**
   * To be called before a change without a confirmation window takes over settings.
   *
   * @param supersedes the change whose pending settings may be taken over
   * @throws ConntrackError `AWAITING_CONFIRMATION` naming the changes under which the others are pending
   */
  requireNotPending(names: readonly SettingName[], supersedes: number | undefined): void {
    const { settings } = this.current();
    const conflicts = names.flatMap((name) => {
      const pending = settings.get(name);
      if (!pending || pending.under === supersedes) return [];
      const { under, confirmed, left } = pending;
      return [{ subject: name, expected: `${confirmed} (the last confirmed value)`, found: `${left} (not confirmed)`, changedBy: under }];
    });
    const [first] = conflicts;
    if (first === undefined) return;
    throw new ConntrackError(
      'AWAITING_CONFIRMATION',
      conflicts.map(({ subject, changedBy }) => `${subject} is awaiting the confirmation of change ${changedBy}.`).join(' '),
      {
        conflicts,
        changeId: first.changedBy,
        remedy: `Confirm or roll back change ${first.changedBy} first. PATCH /api/v1/settings with "supersedes": ${first.changedBy} or with a confirmation window takes the setting over.`,
      },
    );
  }
}
