import type { DumpSummary } from './entry.ts';

/**
 * What entries can be counted by. Ends and ports are those of the original direction; `pair` is source and destination together;
 * `natSource` and `natDestination` are the addresses that NAT put in their place.
 */
export const SUMMARY_KEYS = [
  ...(['source', 'destination', 'pair', 'sourcePort', 'destinationPort', 'protocol', 'state', 'mark', 'zone'] as const),
  ...(['natSource', 'natDestination'] as const),
] as const;
export type SummaryKey = (typeof SUMMARY_KEYS)[number];

export const SUMMARY_MEASURES = ['entries', 'packets', 'bytes'] as const;
export type SummaryMeasure = (typeof SUMMARY_MEASURES)[number];

export const TOP_MAX = 1000;
export const TOP_DEFAULT = 10;

/** Plain data: it is sent to threads. */
export interface SummaryRequest {
  /** At least one, none twice. */
  readonly by: readonly SummaryKey[];
  /** Rows of each key, 1 to 1000. */
  readonly top: number;
  /** Packets and bytes are those of entries with accounting; an entry without counts as none. */
  readonly orderBy: SummaryMeasure;
}

/**
 * A number of entries with what their counters say, both directions together, in decimal text: absent where none of them has counters,
 * never 0 for that. Exact up to 2^53, then the nearest double.
 */
export interface SummarySums {
  readonly entries: number;
  readonly packets?: string;
  readonly bytes?: string;
}

/** What a row stands for, under the names of the filter's fields. */
export interface SummaryKeyParts {
  readonly source?: string;
  readonly destination?: string;
  readonly natSource?: string;
  readonly natDestination?: string;
  /** With `protocol`, `state` and the ports; the same port of another protocol is another row. */
  readonly protocol?: string;
  readonly protocolNumber?: number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  /** The kernel's name; its number in decimal text where it has a state that we have no name for. */
  readonly state?: string;
  /** Unsigned 32-bit. An entry without a mark has mark 0. */
  readonly mark?: number;
  /** An entry without a zone is in zone 0; one with a zone in one direction only has that instead. */
  readonly zone?: number;
  readonly originalZone?: number;
  readonly replyZone?: number;
}

export interface SummaryRow extends SummaryKeyParts, SummarySums {
  /**
   * Present where the row is not exact: its key came in when all counters were taken. What rows are ordered by is then too high by at most
   * this, never too low; the other two sums are at least what is said, for they began when the key came in.
   */
  readonly error?: number;
}

/**
 * The entries by one key. The rows, `other` and `without` together are all entries, exact or not.
 *
 * Up to 65,536 distinct keys everything is exact. Beyond that it is the sketch Space-Saving with as many counters, of what rows are ordered
 * by: a key that makes up more than 1/65,536 of the total is certain to be counted, each row says its own error, and a key that has no
 * counter has at most `error`.
 */
export interface KeySummary {
  readonly by: SummaryKey;
  /** Keys seen; at least so many where not exact. */
  readonly distinct: number;
  readonly exact: boolean;
  /** Present where not exact: the most that any row can be too high by, in what rows are ordered by. */
  readonly error?: number;
  readonly top: readonly SummaryRow[];
  /** Entries whose key is not among the rows. */
  readonly other: SummarySums;
  /** Entries that have no such key: the port of an ICMP flow, the state of a UDP flow, the NAT address of a flow that is not translated. */
  readonly without: SummarySums;
}

/** Entries that expire in `fromSeconds` or more and in less than `belowSeconds`; the last has no end. */
export interface TimeoutBin {
  readonly fromSeconds: number;
  readonly belowSeconds?: number;
  readonly entries: number;
}

export interface SummaryResult extends SummarySums {
  readonly orderBy: SummaryMeasure;
  /** Entries that had counters (accounting was on when the flow began): packets and bytes are theirs. */
  readonly withCounters: number;
  /** In the order asked for. */
  readonly keys: readonly KeySummary[];
  readonly timeouts: readonly TimeoutBin[];
  /** Offloaded flows: they do not expire here. */
  readonly withoutTimeout: number;
}

/** With how the pass over the table went. */
export type SummaryAnswer = SummaryResult & { readonly summary: DumpSummary };
