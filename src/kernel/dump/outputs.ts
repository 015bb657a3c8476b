import type { DumpOutput, DumpResult } from './dump-job.ts';
import type { Sample } from '../../domain/entry-summary.ts';
import type { EntryView } from '../entries/entry-view.ts';
import type { CountedPart } from '../entries/summary/summary-builder.ts';

/** Takes the entries that match. */
export interface Output {
  /** Number of entries taken. */
  readonly entries: number;
  /** False if there is no room for the entry now. */
  take(view: EntryView): boolean;
  /** Whether no further entry is needed. */
  isFull(): boolean;
  /** Receives what was counted in another part. */
  addPart?(part: CountedPart): void;
  /** Whether, after the last entry, it still waits for other parts. */
  isWaiting?(): boolean;
  /** After the last entry. Does not throw. @param sample what was read, if that was a sample */
  finish(sample?: Sample): DumpResult;
  /** Replaces `finish` when the pass was stopped. */
  abandon?(): void;
}

export type PassOutput = Exclude<DumpOutput, { readonly kind: 'stream' }>;

export class CountOutput implements Output {
  entries = 0;

  take(): boolean {
    this.entries += 1;
    return true;
  }

  isFull(): boolean {
    return false;
  }

  finish(): DumpResult {
    return {};
  }
}
