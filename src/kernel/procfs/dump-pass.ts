import type { DumpSummary, Entry, EntryFilter, StreamFormat } from '../../domain/entry.ts';
import { FORMATS } from './entry-format.ts';
import { parseEntryLine } from './entry-line.ts';
import { entryMatcher } from './entry-match.ts';

/** The counts of a dump that is under way. */
export type Tally = { -readonly [K in 'entries' | 'scanned' | 'unparsedLines']: DumpSummary[K] };

export interface CollectedPage {
  readonly entries: readonly Entry[];
  readonly next?: string;
}

const CHUNK_CHARACTERS = 65_536;

export function* matchingEntries(
  lines: Iterable<string | undefined>,
  filter: EntryFilter,
  tally: Tally,
): Generator<Entry, void, undefined> {
  const matches = entryMatcher(filter);
  for (const line of lines) {
    const entry = line === undefined ? undefined : parseEntryLine(line);
    if (!entry) tally.unparsedLines += 1;
    else {
      tally.scanned += 1;
      if (matches(entry)) yield entry;
    }
  }
}

/** The stream up to its trailer. Each chunk has a buffer of its own, which can be transferred. */
export function* formattedChunks(
  entries: Iterable<Entry>,
  format: StreamFormat,
  tally: Tally,
): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
  const encoder = new TextEncoder();
  const writer = FORMATS[format];
  let text = writer.header;
  for (const entry of entries) {
    text += writer.entry(entry);
    tally.entries += 1;
    if (text.length >= CHUNK_CHARACTERS) {
      yield encoder.encode(text);
      text = '';
    }
  }
  if (text !== '') yield encoder.encode(text);
}

/** The `limit` smallest ids after `after`, in order. An entry that the kernel shows twice is taken once. */
export function collectPage(entries: Iterable<Entry>, limit: number, after: string, tally: Tally): CollectedPage {
  const page: Entry[] = [];
  let more = false;
  for (const entry of entries) {
    if (entry.id <= after) continue;
    const at = position(page, entry.id);
    if (page[at]?.id === entry.id) continue;
    page.splice(at, 0, entry);
    if (page.length > limit) {
      page.pop();
      more = true;
    }
  }
  tally.entries = page.length;
  const last = page.at(-1)?.id;
  return { entries: page, ...(more && last !== undefined && { next: last }) };
}

/** Of the first element whose id is not smaller. */
function position(page: readonly Entry[], id: string): number {
  let [low, high] = [0, page.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((page[middle]?.id ?? '') < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
