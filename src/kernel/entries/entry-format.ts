import type { DumpSummary } from '../../domain/entry.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { EntryView } from './entry-view.ts';

/** How a stream is written: a header, a record for each entry, a trailer that says how the dump ended. */
export interface EntryFormat {
  readonly header: string;
  /** Needs room for no more than `lineBytesMax(view)`. */
  write(view: EntryView, out: ByteWriter): void;
  trailer(summary: DumpSummary): string;
}
