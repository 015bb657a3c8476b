import type { Entry } from './entry.ts';

/** The maximum number of deleted entries in a record; further ones are only counted. */
export const KEPT_ENTRIES_MAX = 1_000;

export const DELETION_KINDS = ['entry', 'filter', 'flush'] as const;
export type DeletionKind = (typeof DELETION_KINDS)[number];

/** The entries to delete from the table. */
export interface DeletionRequest {
  /** `flush`: all entries of the namespace. */
  readonly what: DeletionKind;
  /** Name of a network namespace; `null`: the service's own. */
  readonly namespace: string | null;
  /** Id of the entry; `null` unless `what` is `entry`. */
  readonly entry: string | null;
  /** When the entry with this id began, as the client knows it; absent if it did not send it. */
  readonly startedAt?: string;
  /** The filter as canonical text; `null` unless `what` is `filter`. */
  readonly filter: string | null;
  /** Number of matching entries that the client expected; `null` for one entry. */
  readonly expected: number | null;
  /** Number of entries that matched when the deletion was planned; `null` for one entry. */
  readonly matched: number | null;
  /** The maximum number of entries to delete; `null`: all that match. */
  readonly limit: number | null;
}

/** The result of a deletion. It cannot be rolled back: only the kernel can create these entries. */
export interface Deletion {
  readonly deleted: number;
  /** Entries that had ended or been replaced by another flow before they were deleted. */
  readonly gone: number;
  /** The first deleted entries, KEPT_ENTRIES_MAX at most. */
  readonly entries: readonly Entry[];
  /** The first refusal of the kernel, or why the deletion stopped; it then does not continue. */
  readonly failure?: { readonly code: string; readonly message: string };
}

/** The part of the result that is recorded. The failure is in the outcome. */
export interface DeletedEntries {
  readonly count: number;
  /** As in Deletion. */
  readonly gone: number;
  /** As in Deletion; left out of lists of changes. */
  readonly entries?: readonly Entry[];
}

/** The table changes all the time: a count is as expected if it differs by at most a tenth of the current number of matches. */
export function isCountAsExpected(expected: number, found: number): boolean {
  return Math.abs(expected - found) * 10 <= found;
}

/** The greatest count that is as expected. No more are deleted, even if more entries match by then. */
export function mostAsExpected(expected: number): number {
  return Math.floor((expected * 10) / 9);
}
