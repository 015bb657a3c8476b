import type { EntryView } from './entry-view.ts';

/** Takes the entry in the view; false where there is no room for it now: it is then given again. */
export type TakeEntry = (view: EntryView) => boolean;

/** A table that is read once, piece by piece, in bounded memory. Its methods block; for threads only. */
export interface EntrySource {
  /** Entries that could not be understood so far; they are counted, not given. */
  readonly unparsed: number;
  /** Whether the kernel said that it honoured the filter that it was given. */
  readonly isFilteredByKernel: boolean;
  /** Whether the kernel said that the table changed under the dump in a way that doubles or misses entries. */
  readonly isInconsistent: boolean;

  /**
   * Reads a piece unless one is left over, and gives its entries.
   *
   * @returns `paused` where `take` refused one, `end` after the last
   * @throws Error where reading broke off
   */
  advance(take: TakeEntry): 'more' | 'paused' | 'end';

  close(): void;
}
