import type { Change } from '../../domain/change.ts';
import { pendingSettings, type ConfirmationWindow } from '../../domain/pending-settings.ts';
import type { Journal } from '../ports/journal.ts';

const CHANGES_PER_STEP = 200;

/** The window of a change as it is now, or as it was when it ended; `undefined` if the change has none or did not take effect. */
export function windowOf(journal: Journal, { id, confirm }: Change): ConfirmationWindow | undefined {
  if (confirm === null) return undefined;
  const changes: Change[] = [];
  for (let after = id - 1; ; after = changes.at(-1)?.id ?? after) {
    const page = journal.after(after, CHANGES_PER_STEP);
    changes.push(...page);
    const window = pendingSettings(changes).windows.get(id);
    if (!window || window.endedBy !== undefined || page.length < CHANGES_PER_STEP) return window;
  }
}
