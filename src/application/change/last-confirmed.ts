import { tookEffect, type Change, type ClosedChange } from '../../domain/change.ts';
import type { ConfirmationWindow } from '../../domain/pending-settings.ts';
import type { SettingName } from '../../domain/setting.ts';
import type { Journal } from '../ports/journal.ts';
import { changesOf } from './changes-of.ts';

type WindowOf = (change: Change) => ConfirmationWindow | undefined;

/** The newest change of this service that set a setting and was confirmed if it had to be. */
export function lastConfirmedChange(journal: Journal, windowOf: WindowOf, name: SettingName): ClosedChange | undefined {
  for (const change of changesOf(journal, name)) {
    if (change.kind !== 'drift' && tookEffect(change) && isConfirmed(journal, windowOf, change, name)) return change;
  }
  return undefined;
}

/** A value that was not confirmed was reverted by the reboot, or earlier. */
function isConfirmed(journal: Journal, windowOf: WindowOf, change: ClosedChange, name: SettingName): boolean {
  if (change.confirm === null) return true;
  const { endedBy, superseded } = windowOf(change) ?? {};
  return endedBy !== undefined && !superseded?.has(name) && journal.get(endedBy).kind === 'confirmation';
}
