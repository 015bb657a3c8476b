import type { Entry } from './entry.ts';

/** The maximum number of deleted entries in a record; further ones are only counted. */
export const KEPT_ENTRIES_MAX = 1_000;

export const DELETION_KINDS = ['entry', 'filter', 'flush'] as const;
export type DeletionKind = (typeof DELETION_KINDS)[number];

/** The maximum number of connections that one change ends. */
export const ENDED_MAX = 10_000;

/** Seconds for which the packets of an ended connection are blocked. */
export const BLOCK_SECONDS = { minimum: 1, maximum: 86_400, default: 60 } as const;

/** How the connections of deleted entries are ended. */
export interface EndOptions {
  /** Id of the change, by which its blocks are found again. */
  readonly change: number;
  readonly blockSeconds: number;
}

/** The packets of one ended connection that are blocked, from its first end. Those of the other direction are blocked, too. */
export interface BlockedConnection {
  readonly protocol: string;
  readonly source: string;
  /** The id, for ICMP. */
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
}

/** The blocks of one change. */
export interface Block {
  readonly change: number;
  /** Number of connections. */
  readonly count: number;
  /** Until the last one ends. */
  readonly expiresInSeconds: number;
  /** The first ones, in no particular order. */
  readonly connections: readonly BlockedConnection[];
}

/** Newest change first. */
export type BlockList = readonly Block[];

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
  /** Present if the connections are ended, too: how long their packets are blocked. */
  readonly blockSeconds?: number;
}

/** What ending connections adds to the result of a deletion. */
interface EndedConnections {
  /** Sockets of this host that were destroyed. */
  readonly sockets: number;
  /** Entries that were left alone, because the packets of their connections cannot be recognised. */
  readonly skipped: number;
}

/** The result of a deletion. It cannot be rolled back: only the kernel can create these entries. */
export interface Deletion {
  readonly deleted: number;
  /** Entries that had ended or been replaced by another flow before they were deleted. */
  readonly gone: number;
  /** The first deleted entries, KEPT_ENTRIES_MAX at most. */
  readonly entries: readonly Entry[];
  /** Present if connections were ended. */
  readonly ended?: EndedConnections;
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
  /** As in Deletion. */
  readonly ended?: EndedConnections;
}

/** The table changes all the time: a count is as expected if it differs by at most a tenth of the current number of matches. */
export function isCountAsExpected(expected: number, found: number): boolean {
  return Math.abs(expected - found) * 10 <= found;
}

/** The greatest count that is as expected. No more are deleted, even if more entries match by then. */
export function mostAsExpected(expected: number): number {
  return Math.floor((expected * 10) / 9);
}
