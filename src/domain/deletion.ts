import type { Entry } from './entry.ts';

/** How many deleted entries a record holds; beyond them it has their number. */
export const KEPT_ENTRIES_MAX = 1_000;

export const DELETION_KINDS = ['entry', 'filter', 'flush'] as const;
export type DeletionKind = (typeof DELETION_KINDS)[number];

/** What is to be deleted from the table. */
export interface DeletionRequest {
  /** `flush`: all entries of the namespace. */
  readonly what: DeletionKind;
  /** Name of a network namespace; `null`: the service's own. */
  readonly namespace: string | null;
  /** Id of the entry; `null` unless one entry is meant. */
  readonly entry: string | null;
  /** The filter in its canonical text; `null` unless entries are selected by one. */
  readonly filter: string | null;
  /** Entries that the client expected to match; `null` where one is meant. */
  readonly expected: number | null;
  /** Entries that matched when it was decided; `null` where one is meant. */
  readonly matched: number | null;
  /** No more than this many are deleted; `null`: all that match. */
  readonly limit: number | null;
}

/** What became of it. It cannot be undone: entries are state of the kernel that nobody else can make. */
export interface Deletion {
  readonly deleted: number;
  /** Entries that were gone, or another flow's, when their turn came. */
  readonly gone: number;
  /** The first of those that were deleted, KEPT_ENTRIES_MAX at most. */
  readonly entries: readonly Entry[];
  /** Of the first that the kernel refused to delete, or why it broke off; no further ones were tried. */
  readonly failure?: { readonly code: string; readonly message: string };
}

/** What a record keeps of it; why it broke off is the failure of the outcome. */
export interface DeletedEntries {
  readonly count: number;
  /** As in Deletion. */
  readonly gone: number;
  /** As in Deletion; left out where many changes are listed. */
  readonly entries?: readonly Entry[];
}

/** The table moves all the time: a count is as expected when it is off by no more than a tenth of what matches now. */
export function isCountAsExpected(expected: number, found: number): boolean {
  return Math.abs(expected - found) * 10 <= found;
}

/** The greatest count that is as expected: no more are deleted than that, however many have come since they were counted. */
export function mostAsExpected(expected: number): number {
  return Math.floor((expected * 10) / 9);
}
