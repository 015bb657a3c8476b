import type { Deletion, EndOptions } from '../../domain/deletion.ts';
import type { EntryResult, EntryTarget } from '../../domain/entry-update.ts';
import type { DumpOutcome, DumpSummary, Entry, StreamFormat } from '../../domain/entry.ts';
import type { SummaryRequest, SummaryResult } from '../../domain/entry-summary.ts';
import type { Filter } from '../../domain/filter/filter.ts';
import type { CountedPart } from '../entries/summary/summary-builder.ts';
import type { SystemFailure } from '../system-failure.ts';
import type { SeenCounts } from './table-watch.ts';

/** Absent: the namespace of the service. */
export interface NamespaceAt {
  readonly namespacePath?: string;
  /** EnteredNamespace.identity of the namespace that is expected there; absent: any. */
  readonly namespaceIdentity?: string;
}

/** Where entries come from. Paths include the root. */
export type DumpSource =
  | ({ readonly kind: 'netlink' } & NamespaceAt)
  /** The entry that has the tuple of this id. `exactly`: only if its id is the same, too. */
  | ({
      readonly kind: 'entry';
      readonly id: string;
      readonly exactly: boolean;
      /** With `exactly`: only if it began then, too. */
      readonly startedAt?: string;
    } & NamespaceAt)
  | { readonly kind: 'text'; readonly path: string }
  /** No table is read: for the output `update`. */
  | ({ readonly kind: 'none' } & NamespaceAt);

/** What is done with the entries that match. */
export type DumpOutput =
  /** @param limit number of entries; absent: all */
  | { readonly kind: 'stream'; readonly format: StreamFormat; readonly limit?: number }
  | { readonly kind: 'page'; readonly limit: number; readonly after: string }
  | { readonly kind: 'count' }
  /** @param part number of the part that this pass reads, of `parts`. Part 0 waits for the others and merges them. */
  | { readonly kind: 'summary'; readonly request: SummaryRequest; readonly part: number; readonly parts: number }
  /** Deletes the first `limit` entries and returns the first `keep` of those. `end`: ends their connections before. */
  | { readonly kind: 'delete'; readonly limit: number; readonly keep: number; readonly end?: EndOptions }
  | { readonly kind: 'update'; readonly targets: readonly EntryTarget[] };

/** Maximum number of entries to read, whether they match or not; `undefined`: all. */
export function sampleSizeOf(output: DumpOutput): number | undefined {
  return output.kind === 'summary' ? output.request.sample : undefined;
}

/** One pass over the table, for a worker. */
export interface DumpJob {
  readonly source: DumpSource;
  /** Files with the number of buckets, best first. */
  readonly bucketsPaths: readonly string[];
  /** File with the number of entries in the network namespace that is read; absent: the entries are not compared with it. Required for a sample. */
  readonly countPath?: string;
  readonly filter: Filter;
  readonly output: DumpOutput;
}

/** The counts of a running dump. */
export type Tally = { -readonly [K in 'entries' | 'scanned' | 'unparsed']: DumpSummary[K] };

interface CollectedPage {
  readonly entries: readonly Entry[];
  readonly next?: string;
}

/** The result of a pass that is not a stream. */
export interface DumpResult {
  readonly page?: CollectedPage;
  readonly summary?: SummaryResult;
  /** For the part that merges. */
  readonly counted?: CountedPart;
  readonly deletion?: Deletion;
  /** The results in the order of the targets, or why it is not known which of them were updated. */
  readonly update?: { readonly results: readonly EntryResult[] } | { readonly failure: string };
}

/** To a worker. Each pass has its own channel. A buffer is the permission to fill it once. */
export type DumpCommand =
  | { readonly kind: 'start'; readonly channel: number; readonly job: DumpJob }
  | { readonly kind: 'buffer'; readonly channel: number; readonly buffer: ArrayBuffer }
  /** What was counted in another part. */
  | { readonly kind: 'part'; readonly channel: number; readonly part: CountedPart }
  | { readonly kind: 'stop'; readonly channel: number };

/** From a worker: `opened` or `unreadable` first. `end` is the last message, unless the pass was stopped. */
export type DumpMessage =
  | { readonly kind: 'opened' }
  | { readonly kind: 'unreadable'; readonly what: string; readonly failure: SystemFailure }
  | { readonly kind: 'chunk'; readonly buffer: ArrayBuffer; readonly length: number; readonly tally: Tally }
  | {
      readonly kind: 'end';
      readonly outcome: DumpOutcome;
      readonly tally: Tally;
      readonly isFilteredByKernel: boolean;
      readonly counts?: SeenCounts;
      readonly reason?: string;
      readonly result: DumpResult;
    }
  /** Also added on the main thread when the worker failed or exited early. */
  | { readonly kind: 'broken'; readonly reason: string };

export type DumpReport = DumpMessage & { readonly channel: number };
