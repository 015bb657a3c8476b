import type { DumpSummary } from './entry.ts';

/**
 * Keys to group entries by. Addresses and ports are those of the original direction; `pair` is source and destination together;
 * `natSource` and `natDestination` are the addresses that NAT put in their place; `helper` is the name of the conntrack helper.
 */
export const SUMMARY_KEYS = [
  ...(['source', 'destination', 'pair', 'sourcePort', 'destinationPort', 'protocol', 'state', 'mark', 'zone'] as const),
  ...(['natSource', 'natDestination', 'helper'] as const),
] as const;
export type SummaryKey = (typeof SUMMARY_KEYS)[number];

export const SUMMARY_MEASURES = ['entries', 'packets', 'bytes'] as const;
export type SummaryMeasure = (typeof SUMMARY_MEASURES)[number];

export const TOP_MAX = 1000;
export const TOP_DEFAULT = 10;

export const SAMPLE_MIN = 1000;
export const SAMPLE_MAX = 10_000_000;

/** Plain data, because it is sent to threads. */
export interface SummaryRequest {
  /** At least one, without duplicates. */
  readonly by: readonly SummaryKey[];
  /** Maximum number of rows per key, 1 to 1000. */
  readonly top: number;
  /** Packets and bytes include only entries with accounting; other entries count as 0. */
  readonly orderBy: SummaryMeasure;
  /** Maximum number of entries to read, 1000 to 10,000,000, whether they match or not; absent: all. Only with the order by entries. */
  readonly sample?: number;
}

/** What a sampled summary was counted from. */
export interface Sample {
  /** Entries that were read, whether they match or not. */
  readonly size: number;
  /** Entries in the table: the kernel's count when the dump began, and at least as many as were seen. */
  readonly entries: number;
  /** Whether the whole table was read: all numbers are those of the table then, and there are no estimates. */
  readonly exact: boolean;
  readonly confidence: number;
}

/** A number of entries of the table, from a sample. */
export interface Estimate {
  /** Share of the entries of the table, 0 to 1: that of the sample. */
  readonly share: number;
  readonly entries: number;
  /** The confidence interval, both ends included. */
  readonly low: number;
  readonly high: number;
}

/**
 * A number of entries and the sums of their counters, both directions together, in decimal text. The sums are absent, not 0, if none of the
 * entries has counters. Exact up to 2^53, then the nearest double.
 */
export interface SummarySums {
  readonly entries: number;
  readonly packets?: string;
  readonly bytes?: string;
  /** Of `entries`, in a sample that is not exact. Packets and bytes have none: few flows can have most of them. */
  readonly estimate?: Estimate;
}

/** The key of a row, under the names of the filter's fields. */
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
  /** The kernel's name; the number as decimal text if the service has no name for the state. */
  readonly state?: string;
  /** Unsigned 32-bit. An entry without a mark has mark 0. */
  readonly mark?: number;
  /** An entry without a zone is in zone 0; one with a zone in one direction only has that instead. */
  readonly zone?: number;
  /** Name of the helper; text sources do not have it. */
  readonly helper?: string;
  readonly originalZone?: number;
  readonly replyZone?: number;
}

export interface SummaryRow extends SummaryKeyParts, SummarySums {
  /**
   * Present if the row is not exact because its key arrived when all counters were in use. The sum that rows are ordered by is then too high
   * by at most this, never too low. The other two sums are lower bounds, because they started when the key arrived.
   */
  readonly error?: number;
}

/**
 * Entries grouped by one key. The rows, `other` and `without` together are all entries, unless the rows are estimates that exceed them: `other`
 * is then 0.
 *
 * Exact up to 65,536 distinct keys, or fewer if memory is short. Beyond that the Space-Saving algorithm is used with that many `counters` for the
 * sum that rows are ordered by: a key with more than 1/`counters` of the total is certain to be counted, each row has its own error, and a key without a counter has at
 * most `error`. The same holds for a table that was counted in several parts.
 */
export interface KeySummary {
  readonly by: SummaryKey;
  /** Number of distinct keys; a lower bound if not exact, or for the table if only a sample was read. */
  readonly distinct: number;
  readonly exact: boolean;
  /** Present if not exact: the most by which the ordering sum of any row can be too high. */
  readonly error?: number;
  /** Present if not exact: how many keys were counted at a time. */
  readonly counters?: number;
  readonly top: readonly SummaryRow[];
  /** Entries whose key is not among the rows. Never estimated: which keys these are depends on the sample. */
  readonly other: SummarySums;
  /** Entries without the key: for a port ICMP flows, for a state UDP flows, for a NAT address flows that are not translated, for a helper flows without one. */
  readonly without: SummarySums;
}

/** Entries that expire in `fromSeconds` or more and in less than `belowSeconds`; the last bin has no end. */
export interface TimeoutBin {
  readonly fromSeconds: number;
  readonly belowSeconds?: number;
  readonly entries: number;
  /** In a sample that is not exact. */
  readonly estimate?: Estimate;
}

export interface SummaryResult extends SummarySums {
  readonly orderBy: SummaryMeasure;
  /** Entries with counters (accounting was on when the flow began); packets and bytes are their sums. */
  readonly withCounters: number;
  /** In the requested order. */
  readonly keys: readonly KeySummary[];
  readonly timeouts: readonly TimeoutBin[];
  /** Offloaded flows: they do not expire here. */
  readonly withoutTimeout: number;
  /** Present if a sample was requested. All numbers except estimates are those of the sample. */
  readonly sample?: Sample;
}

/** With the outcome of the pass over the table. */
export type SummaryAnswer = SummaryResult & { readonly summary: DumpSummary };
