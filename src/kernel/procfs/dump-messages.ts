import type { DumpSummary, EntryFilter, StreamFormat } from '../../domain/entry.ts';
import type { SystemFailure } from '../system-failure.ts';
import type { CollectedPage, Tally } from './dump-pass.ts';

/** What one dump's thread is to do. Paths are real ones, below the root. */
export interface DumpJob {
  readonly path: string;
  /** Where the number of buckets is read, best first. */
  readonly bucketsPaths: readonly string[];
  readonly filter: EntryFilter;
  readonly output:
    { readonly kind: 'stream'; readonly format: StreamFormat } | { readonly kind: 'page'; readonly limit: number; readonly after: string };
  /** How many chunks the thread may still send; the receiver adds one for each that it has given on. */
  readonly credits: Int32Array<SharedArrayBuffer>;
}

/** `opened` or `unreadable` first; `end` last. `broken` is said by the receiver's side, whatever the thread has said. */
export type DumpMessage =
  | { readonly kind: 'opened' }
  | { readonly kind: 'unreadable'; readonly failure: SystemFailure }
  | { readonly kind: 'chunk'; readonly bytes: Uint8Array<ArrayBuffer>; readonly tally: Tally }
  | {
      readonly kind: 'end';
      readonly outcome: DumpSummary['outcome'];
      readonly tally: Tally;
      readonly reason?: string;
      /** Where a page was asked for. */
      readonly page?: CollectedPage;
    }
  | { readonly kind: 'broken'; readonly reason: string };
