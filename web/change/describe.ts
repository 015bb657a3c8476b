import type { Change, ChangedSetting } from '../api/answers.ts';
import { integer } from '../format/quantity.ts';

const KINDS: Readonly<Record<string, string>> = {
  change: 'change',
  rollback: 'rollback',
  'rollback-to': 'rollback',
  confirmation: 'confirmation',
  'window-extended': 'window begun anew',
  'auto-revert': 'not confirmed, undone',
  drift: 'changed by somebody else',
  deletion: 'entries deleted',
};

/** What kind of change, and of which other one: `rollback of 7`. */
export function kindOf({ kind, rollbackOf, relatesTo }: Pick<Change, 'kind' | 'rollbackOf' | 'relatesTo'>): string {
  const words = KINDS[kind] ?? kind;
  if (kind === 'rollback-to') return `${words} to ${String(relatesTo ?? '')}`.trim();
  const other = rollbackOf ?? relatesTo;
  return other === null ? words : `${words} of ${String(other)}`;
}

/** What it did in one line: `max 65,536 → 131,072`. */
export function summaryOf(change: Pick<Change, 'settings' | 'files' | 'deletion'>): string {
  const { settings, files, deletion } = change;
  if (deletion) {
    const deleted = deletion.deletedCount === undefined ? '' : `${integer(deletion.deletedCount)} `;
    return `${deleted}entries: ${deletion.filter ?? deletion.what}`;
  }
  const moved = settings
    .filter(isMove)
    .map(({ name, before, requested, after }) => `${name} ${integer(before)} → ${integer(after ?? requested)}`);
  const written = files.length === 0 ? [] : [files.length === 1 ? '1 boot file' : `${String(files.length)} boot files`];
  return [...moved, ...written].join(', ') || 'nothing on the host';
}

/** Persisting names max and buckets together, also where only one of them moves. */
export function isMove({ before, requested, after }: ChangedSetting): boolean {
  return (after ?? requested) !== before;
}

/** Why it cannot be rolled back, as far as that is seen from its record; the plan says the rest. */
export function whyNoRollback({
  kind,
  outcome,
  settings,
  files,
}: Pick<Change, 'kind' | 'outcome' | 'settings' | 'files'>): string | undefined {
  if (kind === 'deletion') return 'Deleted entries cannot be brought back.';
  if (outcome === 'pending') return 'It is still open.';
  const moved = settings.some(({ before, after }) => after !== before) || files.some(({ before, after }) => after !== before);
  return moved ? undefined : 'It left the host as it was.';
}
