import type { ClosedChange, FileChange, Observation } from './change.ts';
import type { Conflict } from './conntrack-error.ts';
import type { SettingValues } from './setting.ts';

export interface RollbackPlan {
  readonly settings: SettingValues;
  readonly files: readonly FileChange[];
  /** What is no longer as the change left it; rolling back would overwrite somebody else's work. */
  readonly conflicts: readonly Conflict[];
}

/**
 * Restores exactly what a change altered, as far as the host still is as the change left it. Files go in the opposite order, so that a
 * crash in between leaves no combination that the change itself could not have left.
 */
export function planRollback(change: ClosedChange, now: Observation): RollbackPlan {
  const left = change.observed;
  const settings = change.settings.filter(({ name, before }) => left.settings[name] !== before);
  const files = change.files.filter(({ path, before }) => left.files[path] !== before);
  return {
    settings: Object.fromEntries(settings.map(({ name, before }) => [name, before])),
    files: files.map(({ path, before }) => ({ path, before: now.files[path] ?? null, after: before })).toReversed(),
    conflicts: [
      ...settings
        .filter(({ name }) => now.settings[name] !== left.settings[name] || unread(left.settings[name]))
        .map(({ name }) => ({ subject: name, expected: told(left.settings[name]), found: told(now.settings[name]) })),
      ...files
        .filter(({ path }) => now.files[path] !== left.files[path])
        .map(({ path }) => ({ subject: path, expected: `the bytes that change ${change.id} left`, found: fileTold(now.files[path]) })),
    ],
  };
}

function unread(value: number | null | undefined): value is null | undefined {
  return value === null || value === undefined;
}

function told(value: number | null | undefined): string {
  return unread(value) ? 'unreadable' : String(value);
}

function fileTold(content: string | null | undefined): string {
  if (content === undefined) return 'no readable file';
  return content === null ? 'no file' : 'other bytes';
}
