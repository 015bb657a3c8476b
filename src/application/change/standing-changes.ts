import type { Change } from '../../domain/change.ts';
import type { SettingName } from '../../domain/setting.ts';
import type { Journal } from '../ports/journal.ts';
import { lastConfirmedChange } from './last-confirmed.ts';
import { windowOf } from './window-of.ts';

/**
 * The ids of the changes up to `through` that the state of a setting is still derived from: the last to alter it (drift is compared with it), and
 * the last confirmed one (re-applied after a reboot). A change with a window stays together with all changes up to the end of the window.
 */
export function standingChanges(journal: Journal, names: readonly SettingName[], through: number): ReadonlySet<number> {
  const windowIn = (change: Change) => windowOf(journal, change);
  const ids = names.flatMap((name) => [journal.lastToAlter(name, 0), lastConfirmedChange(journal, windowIn, name)?.id]);
  const standing = new Set<number>();
  const waiting = ids.filter((id) => id !== undefined && id <= through);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (standing.has(id)) continue;
    standing.add(id);
    const end = windowIn(journal.get(id))?.endedBy ?? id;
    for (let next = id + 1; next <= Math.min(end, through); next++) waiting.push(next);
  }
  return standing;
}
