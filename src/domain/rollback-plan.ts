import type { ClosedChange, FileChange, Observation } from './change.ts';
import type { Conflict } from './conntrack-error.ts';
import type { SettingValues } from './setting.ts';

export interface RollbackPlan {
  readonly settings: SettingValues;
  readonly files: readonly FileChange[];
  /** Values that have changed since; a rollback would overwrite those changes. */
  readonly conflicts: readonly Conflict[];
}

/**
 * Restores exactly what the changes modified (given oldest first), if the host is still in the state that the last of them left. Files are written
 * in reverse order, so that a crash in between leaves no combination that the changes themselves could not have left.
 */
export function planRollback(changes: readonly ClosedChange[], now: Observation): RollbackPlan {
  const settings = alterations(changes, ({ settings: requested, observed }) =>
    requested.map(({ name, before }) => ({ subject: name, before, left: observed.settings[name] })),
  );
  const files = alterations(changes, ({ files: requested, observed }) =>
    requested.map(({ path, before }) => ({ subject: path, before, left: observed.files[path] })),
  );
  return {
    settings: Object.fromEntries(settings.map(({ subject, before }) => [subject, before])),
    files: files.map(({ subject: path, before }) => ({ path, before: now.files[path] ?? null, after: before })).toReversed(),
    conflicts: [
      ...settings
        .filter(({ subject, left }) => now.settings[subject] !== left || isUnreadable(left))
        .map(({ subject, left }) => ({ subject, expected: describeValue(left), found: describeValue(now.settings[subject]) })),
      ...files
        .filter(({ subject, left }) => now.files[subject] !== left)
        .map(({ subject, by }) => ({ subject, expected: `the bytes that change ${by} left`, found: describeFile(now.files[subject]) })),
    ],
  };
}

interface Alteration<T> {
  readonly subject: string;
  readonly before: T;
  /** The value after the last change that modified it; `undefined` if it could not be read. */
  readonly left: T | null | undefined;
}

/** Per subject, the value before the first change and after the last one. Subjects that returned to their first value are left out. */
function alterations<T>(
  changes: readonly ClosedChange[],
  subjectsOf: (change: ClosedChange) => readonly Alteration<T>[],
): readonly (Alteration<T> & { readonly by: number })[] {
  const found = new Map<string, Alteration<T> & { readonly by: number }>();
  for (const change of changes) {
    for (const { subject, before, left } of subjectsOf(change)) {
      if (left === before) continue;
      const first = found.get(subject);
      found.set(subject, { subject, before: first ? first.before : before, left, by: change.id });
    }
  }
  return [...found.values()].filter(({ before, left }) => before !== left);
}

function isUnreadable(value: number | null | undefined): value is null | undefined {
  return value === null || value === undefined;
}

function describeValue(value: number | null | undefined): string {
  return isUnreadable(value) ? 'unreadable' : String(value);
}

function describeFile(content: string | null | undefined): string {
  if (content === undefined) return 'no readable file';
  return content === null ? 'no file' : 'other bytes';
}
