import type { DumpSummary } from '../../domain/entry.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { EntryView } from './entry-view.ts';

/** How a stream is written: a header, a record for each entry, and a trailer that reports how the dump ended. */
export interface EntryFormat {
  readonly header: string;
  /** Writes at most `lineBytesMax(view)` bytes. */
  write(view: EntryView, out: ByteWriter): void;
  trailer(summary: DumpSummary): string;
}

const PLAIN = /^[\w/.:-]+$/;

/**
 * The summary as one line that begins with `#`, which no entry does: the outcome, then `name=value` pairs. A value that is not one plain word
 * is written as JSON.
 */
export function commentTrailer({ outcome, ...rest }: DumpSummary): string {
  const words = Object.entries(rest).map(([name, value]) => `${name}=${PLAIN.test(String(value)) ? String(value) : JSON.stringify(value)}`);
  return `# ${[outcome, ...words].join(' ')}`;
}
