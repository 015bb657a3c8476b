import type { EntryView } from './entry-view.ts';

/** Consumes the entry in the view. Returns false if there is no room for it now; the source then offers it again. */
export type TakeEntry = (view: EntryView) => boolean;

/** A table that is read once, block by block, in bounded memory. Its methods block: use it in worker threads only. */
export interface EntrySource {
  /** Entries so far that could not be parsed. They are counted and skipped. */
  readonly unparsed: number;
  /** Whether the kernel reported that it applied the filter of the request. */
  readonly isFilteredByKernel: boolean;
  /** Whether the kernel reported that the table changed during the dump, so that entries may be missing or duplicated. */
  readonly isInconsistent: boolean;

  /**
   * Offers the entries of the current block to `take`; reads the next block first if the current one is used up.
   *
   * @returns `paused` if `take` returned false, `end` after the last entry
   * @throws Error if reading fails
   */
  advance(take: TakeEntry): 'more' | 'paused' | 'end';

  close(): void;
}
