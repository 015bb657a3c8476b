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
 * Restores exactly what the changes altered (given oldest first), as far as the host still is as the last of them left it. Files go in the
 * opposite order, so that a crash in between leaves no combination that the changes themselves could not have left.
 */
export function planRollback(changes: readonly ClosedChange[], now: Observation): RollbackPlan {
  const settings = alterations(changes, ({ settings: asked, observed }) =>
    asked.map(({ name, before }) => ({ subject: name, before, left: observed.settings[name] })),
  );
  const files = alterations(changes, ({ files: asked, observed }) =>
    asked.map(({ path, before }) => ({ subject: path, before, left: observed.files[path] })),
  );
  return {
    settings: Object.fromEntries(settings.map(({ subject, before }) => [subject, before])),
    files: files.map(({ subject: path, before }) => ({ path, before: now.files[path] ?? null, after: before })).toReversed(),
    conflicts: [
      ...settings
        .filter(({ subject, left }) => now.settings[subject] !== left || unread(left))
        .map(({ subject, left }) => ({ subject, expected: told(left), found: told(now.settings[subject]) })),
      ...files
        .filter(({ subject, left }) => now.files[subject] !== left)
        .map(({ subject, by }) => ({ subject, expected: `the bytes that change ${by} left`, found: fileTold(now.files[subject]) })),
    ],
  };
}

interface Alteration<T> {
  readonly subject: string;
  readonly before: T;
  /** What the last change that altered it left; `undefined` where that could not be seen. */
  readonly left: T | null | undefined;
}

/** Per subject: what it was before the first change that altered it, and what the last one left; without what came back to where it was. */
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
