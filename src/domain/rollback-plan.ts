import type { ClosedChange, FileChange, FileContent, Observation } from './change.ts';
import type { Conflict } from './conntrack-error.ts';
import { standingSteps } from './later-changes.ts';
import { valueToRestore } from './pending-settings.ts';
import type { LostEdits } from './persist-options.ts';
import type { SettingName, SettingValues } from './setting.ts';
import { changedKeys, linesFor, restoreLines } from './shared-files.ts';

export interface RollbackPlan {
  readonly settings: SettingValues;
  readonly files: readonly FileChange[];
  /** Values that have changed since; a rollback would overwrite those changes. */
  readonly conflicts: readonly Conflict[];
  /** Edits of other writers in shared files that a rollback cannot keep. */
  readonly edits: readonly LostEdits[];
}

/** What is known besides the changes to roll back. */
interface RollbackContext {
  /** The host as it is now. */
  readonly now: Observation;
  /** The changes of a setting or file after a change, oldest first, that took effect. */
  readonly laterThan: (subject: string, id: number) => readonly ClosedChange[];
  /** The change under which a setting is pending, unless it is one of those to roll back. */
  readonly pendingUnder: (name: SettingName) => number | undefined;
  /** Whether the file also contains lines of other writers. */
  readonly isShared: (path: string) => boolean;
}

/**
 * Restores exactly what the changes modified (given oldest first). Conflicts are found by the record: a later change to the same setting, file or
 * line is one even if the value is equal again, unless it was itself rolled back. Files are written in reverse order, so that a crash
 * in between leaves no combination that the changes themselves could not have left.
 */
export function planRollback(changes: readonly ClosedChange[], context: RollbackContext): RollbackPlan {
  const settings = alterations(changes, settingsOf);
  const files = alterations(changes, filesOf);
  const own = files.filter(({ subject }) => !context.isShared(subject)).map((file) => planOwnFile(file, context));
  const shared = [...new Set(files.map(({ subject }) => subject))]
    .filter((path) => context.isShared(path))
    .map((path) => planSharedFile(path, changes, context));
  const planned = files.flatMap(({ subject }) => [...own, ...shared].find(({ change }) => change.path === subject) ?? []);
  return {
    settings: Object.fromEntries(settings.map(({ subject, before }) => [subject, before])),
    files: planned
      .map(({ change }) => change)
      .filter(({ path, before, after }) => !context.isShared(path) || before !== after)
      .toReversed(),
    conflicts: [
      ...settings.flatMap((setting) => settingConflict(setting, context) ?? []),
      ...planned.flatMap(({ conflict }) => conflict ?? []),
    ],
    edits: planned.flatMap(({ edits }) => edits ?? []),
  };
}

interface PlannedFile {
  readonly change: FileChange;
  readonly conflict?: Conflict;
  readonly edits?: LostEdits;
}

interface Alteration<T> {
  readonly subject: string;
  /** The value that a rollback restores. */
  readonly before: T;
  /** The value after the last change that modified it; `undefined` if it could not be read. */
  readonly left: T | null | undefined;
  /** Whether the change modified it. */
  readonly isModified: boolean;
}

type AlteredBy<T> = Alteration<T> & { readonly by: number };

function settingsOf({ settings, observed }: ClosedChange): readonly Alteration<number>[] {
  return settings.map((setting) => {
    const [before, left] = [valueToRestore(setting), observed.settings[setting.name]];
    return { subject: setting.name, before, left, isModified: left !== setting.before || left !== before };
  });
}

function filesOf({ files, observed }: ClosedChange): readonly Alteration<FileContent>[] {
  return files.map(({ path, before }) => {
    const left = observed.files[path];
    return { subject: path, before, left, isModified: left !== before };
  });
}

/** Per subject, the value before the first change and after the last one. Subjects that returned to their first value are left out. */
function alterations<T>(
  changes: readonly ClosedChange[],
  subjectsOf: (change: ClosedChange) => readonly Alteration<T>[],
): readonly AlteredBy<T>[] {
  const found = new Map<string, AlteredBy<T>>();
  for (const change of changes) {
    for (const alteration of subjectsOf(change)) {
      if (!alteration.isModified) continue;
      const first = found.get(alteration.subject);
      found.set(alteration.subject, { ...alteration, before: first ? first.before : alteration.before, by: change.id });
    }
  }
  return [...found.values()].filter(({ before, left }) => before !== left);
}

function settingConflict({ subject, left, by }: AlteredBy<number>, context: RollbackContext): Conflict | undefined {
  const found = context.now.settings[subject];
  const changedBy = context.pendingUnder(subject) ?? standing(subject, by, left, settingsOf, context);
  if (changedBy === undefined && found === left && !isUnreadable(left)) return undefined;
  return { subject, expected: describeValue(left), found: describeValue(found), ...(changedBy !== undefined && { changedBy }) };
}

function planOwnFile({ subject: path, before: after, left, by }: AlteredBy<FileContent>, context: RollbackContext): PlannedFile {
  const found = context.now.files[path];
  const change = { path, before: found ?? null, after };
  const changedBy = standing(path, by, left, filesOf, context);
  if (changedBy === undefined && found === left) return { change };
  return { change, conflict: fileConflict(path, `the bytes that change ${by} left`, found, changedBy) };
}

/** Undoes the changes one by one, latest first, so that the lines that other writers added between them are kept too. */
function planSharedFile(path: string, changes: readonly ClosedChange[], context: RollbackContext): PlannedFile {
  const found = context.now.files[path];
  const steps = changes.flatMap((change) =>
    filesOf(change).flatMap((file) => (file.subject === path && file.isModified ? [{ ...file, by: change.id }] : [])),
  );
  let content = found ?? null;
  let isChanged = found === undefined;
  const [lost, competing]: [string[], string[]] = [[], []];
  const keys = new Set<string>();
  for (const { before, left = null } of steps.toReversed()) {
    const restored = restoreLines(content, before, left);
    for (const key of changedKeys(before, left)) keys.add(key);
    content = restored.content;
    isChanged ||= restored.isChanged;
    lost.push(...restored.lost);
    competing.push(...restored.competing);
  }
  const last = steps.at(-1);
  const changedBy =
    last && Math.max(...[...keys].map((key) => standing(path, last.by, linesFor(last.left ?? null, key), linesOf(key), context) ?? 0));
  const recorded = new Set(
    last ? context.laterThan(path, last.by).flatMap(({ files }) => files.flatMap(({ after }) => (after ?? '').split('\n'))) : [],
  );
  const byOthers = (lines: readonly string[]): readonly string[] => lines.filter((line) => !recorded.has(line));
  const edits = { path, lost: byOthers(lost), competing: byOthers(competing) };
  const isConflict = (changedBy ?? 0) > 0 || isChanged;
  return {
    change: { path, before: found ?? null, after: content },
    ...(isConflict && { conflict: fileConflict(path, `the lines that change ${last?.by ?? 0} left`, found, changedBy || undefined) }),
    ...(edits.lost.length + edits.competing.length > 0 && { edits }),
  };
}

/** What changes did to the lines for one setting in shared files. */
function linesOf(key: string): (change: ClosedChange) => readonly Alteration<string>[] {
  return (change) =>
    filesOf(change).map(({ subject, before: text, left: after = null }) => {
      const [before, left] = [linesFor(text, key), linesFor(after, key)];
      return { subject, before, left, isModified: before !== left };
    });
}

/** The latest later change that has not been rolled back itself. */
function standing<T>(
  subject: string,
  by: number,
  left: T | null | undefined,
  subjectsOf: (change: ClosedChange) => readonly Alteration<T>[],
  { laterThan }: RollbackContext,
): number | undefined {
  const steps = laterThan(subject, by).flatMap((change) =>
    subjectsOf(change).flatMap((found) => (found.subject === subject && found.isModified ? [{ change, left: found.left }] : [])),
  );
  return standingSteps(steps, left).at(-1)?.change.id;
}

function fileConflict(path: string, expected: string, found: FileContent | undefined, changedBy: number | undefined): Conflict {
  return { subject: path, expected, found: describeFile(found), ...(changedBy !== undefined && { changedBy }) };
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
