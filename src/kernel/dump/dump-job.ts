import type { Deletion } from '../../domain/deletion.ts';
import type { DumpOutcome, DumpSummary, Entry, StreamFormat } from '../../domain/entry.ts';
import type { SummaryRequest, SummaryResult } from '../../domain/entry-summary.ts';
import type { Filter } from '../../domain/filter/filter.ts';
import type { SystemFailure } from '../system-failure.ts';

/** Where entries come from. Paths are real ones, below the root. */
export type DumpSource =
  | { readonly kind: 'netlink'; readonly namespacePath?: string }
  /** The entry that has the tuple of this id: `exactly` the one meant, or also another that came after it. */
  | { readonly kind: 'entry'; readonly id: string; readonly exactly: boolean; readonly namespacePath?: string }
  | { readonly kind: 'text'; readonly path: string };

/** What becomes of the entries that match. */
export type DumpOutput =
  /** @param limit of entries; absent: all */
  | { readonly kind: 'stream'; readonly format: StreamFormat; readonly limit?: number }
  | { readonly kind: 'page'; readonly limit: number; readonly after: string }
  | { readonly kind: 'count' }
  | { readonly kind: 'summary'; readonly request: SummaryRequest }
  /** Deletes the first `limit`; the first `keep` of those are told. */
  | { readonly kind: 'delete'; readonly limit: number; readonly keep: number };

/** One pass over the table, for a thread. */
export interface DumpJob {
  readonly source: DumpSource;
  /** Where the number of buckets is read, best first. */
  readonly bucketsPaths: readonly string[];
  readonly filter: Filter;
  readonly output: DumpOutput;
}

/** The counts of a dump that is under way. */
export type Tally = { -readonly [K in 'entries' | 'scanned' | 'unparsed']: DumpSummary[K] };

export interface CollectedPage {
  readonly entries: readonly Entry[];
  readonly next?: string;
}

/** What a pass that is no stream comes to. */
export interface DumpResult {
  readonly page?: CollectedPage;
  readonly summary?: SummaryResult;
  readonly deletion?: Deletion;
}

/** To a thread. `dump` numbers the passes of one thread. A buffer is the permission to fill it once. */
export type DumpCommand =
  | { readonly kind: 'start'; readonly dump: number; readonly job: DumpJob }
  | { readonly kind: 'buffer'; readonly dump: number; readonly buffer: ArrayBuffer }
  | { readonly kind: 'stop'; readonly dump: number }
  /** Ends the thread. */
  | { readonly kind: 'end' };

/** From a thread: `opened` or `unreadable` first; `end` last, or nothing more after a stop. */
export type DumpMessage =
  | { readonly kind: 'opened' }
  | { readonly kind: 'unreadable'; readonly what: string; readonly failure: SystemFailure }
  | { readonly kind: 'chunk'; readonly buffer: ArrayBuffer; readonly length: number; readonly tally: Tally }
  | {
      readonly kind: 'end';
      readonly outcome: DumpOutcome;
      readonly tally: Tally;
      readonly isFilteredByKernel: boolean;
      readonly reason?: string;
      readonly result: DumpResult;
    }
  /** Also said by the receiver's side, whatever the thread has said. */
  | { readonly kind: 'broken'; readonly reason: string };

export type DumpReport = DumpMessage & { readonly dump: number };
