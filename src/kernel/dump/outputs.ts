import type { DumpOutput, DumpResult } from './dump-job.ts';
import type { EntryView } from '../entries/entry-view.ts';

/** Takes the entries that match. */
export interface Output {
  /** Entries taken. */
  readonly entries: number;
  /** False where there is no room for it now. */
  take(view: EntryView): boolean;
  /** Whether no further entry is wanted. */
  isFull(): boolean;
  /** When all entries were given, or no more can be. Does not throw. */
  finish(): DumpResult;
  /** In place of `finish`, when nobody wants to know any more. */
  abandon?(): void;
}

export type PassOutput = Exclude<DumpOutput, { readonly kind: 'stream' }>;
