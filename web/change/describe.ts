import type { Change, ChangedSetting, Risk } from '../api/documents.ts';
import { integer } from '../format/quantity.ts';

const KINDS: Readonly<Record<string, string>> = {
  change: 'change',
  rollback: 'rollback',
  'rollback-to': 'rollback',
  confirmation: 'confirmation',
  'window-extended': 'window extension',
  'auto-revert': 'automatic rollback',
  drift: 'changed outside this service',
  deletion: 'entries deleted',
  reapply: 're-applied after a reboot',
  'module-load': 'module loaded',
  'entry-update': 'entries updated',
  unblock: 'blocks removed',
} satisfies Record<Change['kind'], string>;

/** The kind of a change and the change that it refers to: `rollback of 7`. */
export function kindOf({ kind, rollbackOf, relatesTo }: Pick<Change, 'rollbackOf' | 'relatesTo'> & { readonly kind: string }): string {
  const words = KINDS[kind] ?? kind;
  if (kind === 'rollback-to') return `${words} to ${String(relatesTo ?? '')}`.trim();
  const other = rollbackOf ?? relatesTo;
  return other === null ? words : `${words} of ${String(other)}`;
}

/** The name of the network namespace that a change concerns; `undefined`: that of the service. */
export function namespaceOf({ namespace, deletion }: Pick<Change, 'namespace' | 'deletion'>): string | undefined {
  return namespace?.name ?? deletion?.namespace ?? undefined;
}

/** The effect of a change in one line: `max 65,536 → 131,072`. */
export function summaryOf(
  change: Pick<Change, 'settings' | 'files' | 'deletion' | 'update' | 'namespace'> & { readonly kind?: string },
): string {
  if (change.kind === 'module-load') return 'nf_conntrack';
  const { settings, files, deletion } = change;
  const name = namespaceOf(change);
  const where = name === undefined ? '' : ` in namespace ${name}`;
  if (deletion) {
    const deleted = deletion.deletedCount === undefined ? '' : `${integer(deletion.deletedCount)} `;
    const what = deletion.blockSeconds === undefined ? 'entries' : 'connections ended';
    return `${deleted}${what}${where}: ${selectionOf(deletion)}`;
  }
  if (change.update) return updateOf(change.update, where);
  const changed = settings
    .filter(isEffective)
    .map(({ name, before, requested, after }) => `${name} ${integer(before)} → ${integer(after ?? requested)}`);
  const written = files.length === 0 ? [] : [files.length === 1 ? '1 boot file' : `${String(files.length)} boot files`];
  const effect = [...changed, ...written].join(', ');
  return effect === '' ? 'no effect on the host' : `${effect}${where}`;
}

/** Which entries. Without the scope `entries:read`, the response has no filter and no id. */
function selectionOf({ what, filter, entry, entriesWithheld }: NonNullable<Change['deletion']>): string {
  if (entriesWithheld !== undefined && what !== 'flush') return what === 'entry' ? 'one entry, withheld' : 'by a filter, withheld';
  return filter ?? entry ?? what;
}

/** `12 entries: protocol=udp, mark 16/255, timeout 600 s`. */
function updateOf(
  { what, filter, requested, selectedCount, updatedCount, entriesWithheld }: NonNullable<Change['update']>,
  where: string,
): string {
  const { mark, markMask, timeoutSeconds, labels, addLabels = [], removeLabels = [] } = requested ?? {};
  const values = [
    ...(mark === undefined ? [] : [`mark ${String(mark)}${markMask === undefined ? '' : `/${String(markMask)}`}`]),
    ...(timeoutSeconds === undefined ? [] : [`timeout ${integer(timeoutSeconds)} s`]),
    ...(labels ? [`labels ${labels.length === 0 ? 'none' : labels.join(' ')}`] : []),
    ...(addLabels.length > 0 ? [`labels added: ${addLabels.join(' ')}`] : []),
    ...(removeLabels.length > 0 ? [`labels removed: ${removeLabels.join(' ')}`] : []),
  ];
  const count = updatedCount ?? selectedCount;
  const selection = filter ?? (entriesWithheld !== undefined && what === 'filter' ? 'by a filter, withheld' : what);
  return [`${integer(count)} ${count === 1 ? 'entry' : 'entries'}${where}: ${selection}`, ...values].join(', ');
}

/** Whether the value changed. `max` and `buckets` are persisted together, even if only one of them changes. */
export function isEffective({ before, requested, after }: ChangedSetting): boolean {
  return (after ?? requested) !== before;
}

/** Why a change cannot be rolled back, as far as its record shows; the plan checks the rest. */
export function whyNoRollback({
  kind,
  outcome,
  settings,
  files,
  update,
}: Pick<Change, 'outcome' | 'settings' | 'files' | 'update'> & { readonly kind: string }): string | undefined {
  if (kind === 'deletion') return 'Deleted entries cannot be restored.';
  if (kind === 'unblock') return 'Removed blocks are not created again.';
  if (kind === 'module-load') return 'This service does not unload the module.';
  if (outcome === 'pending') return 'The change is still pending.';
  if (update && (update.updatedCount ?? 0) + (update.notEffectiveCount ?? 0) > 0) return undefined;
  const changed = settings.some(({ before, after }) => after !== before) || files.some(({ before, after }) => after !== before);
  return changed ? undefined : 'The change had no effect on the host.';
}

/** Why a plan cannot be applied, or not yet; `undefined` when it can. */
export function missingFor(
  risks: readonly { readonly code: string; readonly level: Risk['level'] }[],
  acknowledged: readonly string[],
): string | undefined {
  const refused = risks.filter(({ level }) => level === 'refused').map(({ code }) => code);
  if (refused.length > 0) return `Refused because of ${refused.join(', ')}.`;
  const open = risks.filter(({ code, level }) => level === 'acknowledge' && !acknowledged.includes(code)).map(({ code }) => code);
  return open.length > 0 ? `Accept first: ${open.join(', ')}.` : undefined;
}
