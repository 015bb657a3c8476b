import { alterationOf, holdsTimeout } from './entry-alteration.ts';
import type { Entry } from './entry.ts';
import {
  hasMarkAndLabels,
  type EntryState,
  type EntryUpdate,
  type PlannedEntry,
  type RecordedResult,
  type SkipReason,
} from './entry-update.ts';

/** An entry of an update, and what a rollback does with it. */
export interface EntryRollback {
  /** As it is now; as it was before the update if it is gone. */
  readonly entry: Entry;
  /** What the rollback sets; absent if it leaves the entry alone. */
  readonly update?: EntryUpdate;
  readonly skipped?: SkipReason;
}

interface RollbackContext {
  /** What the change requested for the entry. */
  readonly requested: EntryUpdate;
  /** The same entry now; absent if it is gone. */
  readonly now: Entry | undefined;
  /** Seconds since the update began, and since it ended. */
  readonly sinceBefore: number;
  readonly sinceAfter: number;
  /** Overwrite a mark and labels that were changed since. */
  readonly force: boolean;
}

/**
 * Restores the bits of the mark and the labels that the update altered, if they still are as it left them. The timeout becomes what it would be
 * without the update, and at least a second; if a packet or another writer has set it since, it is left alone, also with `force`.
 */
export function planEntryRollback(
  { entry: before }: PlannedEntry,
  done: RecordedResult | undefined,
  context: RollbackContext,
): EntryRollback {
  const { now, requested, force } = context;
  const after = done?.after;
  if (!now || done?.result === 'gone') return { entry: before, skipped: 'gone' };
  if (!after) return { entry: now, skipped: 'not-updated' };
  const { undo, redo } = alterationOf(before, after, requested);
  const isAltered = Object.keys(undo).length > 0;
  const isChanged = isAltered && !hasMarkAndLabels(now, redo);
  if (isChanged) {
    if (hasMarkAndLabels(now, undo)) return { entry: now, skipped: 'restored' };
    if (!force) return { entry: now, skipped: 'changed' };
  }
  const setTimeout = requested.timeoutSeconds !== undefined && done.result !== 'refused' && done.result !== 'unchanged';
  const timeout = setTimeout ? restoredTimeout(before, after, now, context) : {};
  // Forced, it restores all that the update named, also what was altered since.
  const marks = isChanged ? alterationOf(before, now, requested).undo : undo;
  const update = { ...marks, ...timeout };
  if (Object.keys(update).length > 0) return { entry: now, update };
  return { entry: now, skipped: setTimeout ? 'timeout-changed' : 'not-updated' };
}

function restoredTimeout(
  before: EntryState,
  after: EntryState,
  now: EntryState,
  { sinceBefore, sinceAfter }: RollbackContext,
): EntryUpdate {
  if (before.timeoutSeconds === undefined || !holdsTimeout(now, after.timeoutSeconds, sinceAfter, sinceBefore)) return {};
  return { timeoutSeconds: Math.max(1, before.timeoutSeconds - Math.max(0, Math.round(sinceBefore))) };
}
