import { KEPT_ENTRIES_MAX } from './deletion.ts';
import type { Entry } from './entry.ts';

/** The maximum number of entries in one update: each is recorded, so that all of them can be rolled back. */
export const UPDATED_ENTRIES_MAX = KEPT_ENTRIES_MAX;

/** In the kernel, a label is a bit. */
export const LABEL_MAX = 127;
export const MARK_MAX = 0xffff_ffff;
/** Seconds. Every kernel accepts it: the limit is INT_MAX timer ticks, and no kernel has more than 1,000 ticks per second. */
export const ENTRY_TIMEOUT_MAX = 2_147_483;

/** Why labels are refused with ENOSPC. */
export const NO_LABELS =
  'the entry has no room for labels: the kernel adds it only to flows that begin while a rule uses labels (nft: ct label; iptables: connlabel)';

/** The fields of an entry that can be updated. */
export type EntryState = Pick<Entry, 'mark' | 'timeoutSeconds' | 'labels'>;

/** What to set in an entry. Fields that are absent are left alone; without any, the entry is only read. */
export interface EntryUpdate {
  /** Unsigned 32 bits. */
  readonly mark?: number;
  /** The bits of `mark` to set; absent: all. */
  readonly markMask?: number;
  readonly timeoutSeconds?: number;
  /** These labels and no others. Not together with the next two. */
  readonly labels?: readonly number[];
  readonly addLabels?: readonly number[];
  readonly removeLabels?: readonly number[];
}

/** One entry to update. */
export interface EntryTarget {
  readonly id: string;
  /** When it began, as it was read; absent: the kernel did not record it. Another flow is left alone. */
  readonly startedAt?: string;
  readonly update: EntryUpdate;
}

/**
 * `unchanged`: nothing was written, because it had the values already. `gone`: it ended, or another flow has its tuple. `refused`: by the kernel, or
 * because the kernel would accept it without effect. `not-effective`: the kernel accepted it, and the entry has other values.
 */
export const UPDATE_RESULTS = ['updated', 'unchanged', 'gone', 'refused', 'not-effective'] as const;
export type UpdateResult = (typeof UPDATE_RESULTS)[number];

export interface EntryResult {
  readonly result: UpdateResult;
  /** As it was read after the update; absent if it is gone. */
  readonly entry?: Entry;
  /** Why it was refused, or not effective. */
  readonly failure?: { readonly errno?: string; readonly message: string };
}

/**
 * Why a rollback leaves an entry alone. `gone`: as in UPDATE_RESULTS. `changed`: its mark or labels were changed since. `timeout-changed`: only its
 * timeout was updated, and a packet or another writer has set it since. `restored`: it has the values from before. `not-updated`: the change
 * altered nothing in it.
 */
export const SKIP_REASONS = ['gone', 'changed', 'timeout-changed', 'restored', 'not-updated'] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** An entry that a rollback leaves alone. */
export interface SkippedEntry {
  readonly id: string;
  readonly reason: SkipReason;
}

export const UPDATE_KINDS = ['entry', 'filter', 'rollback'] as const;
export type UpdateKind = (typeof UPDATE_KINDS)[number];

/** An entry that an update names. */
export interface PlannedEntry {
  /** As it was when the update was planned. */
  readonly entry: Entry;
  /** Of a rollback: what it restores in this entry. */
  readonly update?: EntryUpdate;
}

/** The update of entries that an intent records. */
export interface EntryUpdateRequest {
  readonly what: UpdateKind;
  /** `null` for a rollback: each entry has its own. */
  readonly update: EntryUpdate | null;
  /** When the entry began, as the client knows it; absent if it did not send it. */
  readonly startedAt?: string;
  /** The filter as canonical text; `null` unless `what` is `filter`. */
  readonly filter: string | null;
  /** Number of matching entries that the client expected; `null` unless `what` is `filter`. */
  readonly expected: number | null;
  /** Number of entries that matched when the update was planned; `null` unless `what` is `filter`. */
  readonly matched: number | null;
  /** The maximum number of entries to update, as requested. */
  readonly limit: number | null;
  /** Number of entries that it names. */
  readonly selected: number;
  /** Left out of lists of changes. */
  readonly entries?: readonly PlannedEntry[];
  /** Of a rollback: the entries of the change that it leaves alone. Left out of lists of changes. */
  readonly skipped?: readonly SkippedEntry[];
}

/** The result for one entry, in the order of the intent. */
export interface RecordedResult {
  readonly result: UpdateResult;
  /** Absent if it is gone. */
  readonly after?: EntryState;
  readonly failure?: EntryResult['failure'];
}

/** The results that an outcome records. */
export interface UpdatedEntries {
  readonly counts: Readonly<Record<UpdateResult, number>>;
  /** Left out of lists of changes. */
  readonly entries?: readonly RecordedResult[];
}

/** Each entry of an update with what to set in it. */
export function targetsOf({ entries = [], update }: EntryUpdateRequest): readonly EntryTarget[] {
  return entries.map(({ entry: { id, startedAt }, update: own }) => ({
    id,
    ...(startedAt !== undefined && { startedAt }),
    update: own ?? update ?? {},
  }));
}

export function toUpdatedEntries(results: readonly EntryResult[]): UpdatedEntries {
  const counts = Object.fromEntries(UPDATE_RESULTS.map((result) => [result, 0])) as Record<UpdateResult, number>;
  for (const { result } of results) counts[result] += 1;
  return {
    counts,
    entries: results.map(({ result, entry, failure }) => ({
      result,
      ...(entry && { after: stateOf(entry) }),
      ...(failure && { failure }),
    })),
  };
}

/** Why the kernel would refuse the update after it has applied a part of it, or accept it without effect; `undefined` if it would not. */
export function foreseenRefusal({ status, offload }: Entry, { timeoutSeconds }: EntryUpdate): EntryResult['failure'] {
  if (timeoutSeconds === undefined) return undefined;
  if (status.includes('FIXED_TIMEOUT')) return { errno: 'EPERM', message: 'the timeout of the entry is fixed (FIXED_TIMEOUT)' };
  return offload ? { message: 'the flow is offloaded: the flow table sets its timeout, and would overwrite another one' } : undefined;
}

/** Whether the update would write nothing. A timeout is always written: it decreases all the time. */
export function isInEffect(state: EntryState, update: EntryUpdate): boolean {
  return update.timeoutSeconds === undefined && hasMarkAndLabels(state, update);
}

/** Whether the update names labels. */
export function changesLabels({ labels, addLabels, removeLabels }: EntryUpdate): boolean {
  return labels !== undefined || addLabels !== undefined || removeLabels !== undefined;
}

/** The state of an entry that had `before`, once the kernel has applied the update. */
export function stateAfter(before: EntryState, update: EntryUpdate): EntryState {
  const { mark, timeoutSeconds } = update;
  return {
    ...before,
    ...(mark !== undefined && { mark: markAfter(before.mark, mark, update.markMask) }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(changesLabels(update) && { labels: labelsAfter(before.labels ?? [], update) }),
  };
}

/** Whether an update of the mark and the labels would leave an entry as it is. */
export function hasMarkAndLabels(state: EntryState, update: EntryUpdate): boolean {
  const after = stateAfter(state, update);
  return (state.mark ?? 0) === (after.mark ?? 0) && isSameLabels(state.labels, after.labels);
}

function stateOf({ mark, timeoutSeconds, labels }: EntryState): EntryState {
  return {
    ...(mark !== undefined && { mark }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(labels && { labels }),
  };
}

/** As conntrack(8) does, except that bits of the value outside the mask do not count. */
function markAfter(before = 0, value: number, mask = MARK_MAX): number {
  return ((before & ~mask) | (value & mask)) >>> 0;
}

function labelsAfter(before: readonly number[], { labels, addLabels = [], removeLabels = [] }: EntryUpdate): readonly number[] {
  const after = labels ?? [...before.filter((label) => !removeLabels.includes(label)), ...addLabels];
  return [...new Set(after)].sort((one, other) => one - other);
}

function isSameLabels(one: readonly number[] = [], other: readonly number[] = []): boolean {
  return one.length === other.length && one.every((label) => other.includes(label));
}
