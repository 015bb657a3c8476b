import { StreamableFile } from '@nestjs/common';
import { Readable } from 'node:stream';
import type { Journal } from '../../application/ports/journal.ts';

/** Reads records only as fast as the client does. The first is read before the response starts, so that an unusable journal gives a problem document. */
export function streamRecords(journal: Journal): StreamableFile {
  const lines = journal.export()[Symbol.iterator]();
  const first = lines.next();
  return new StreamableFile(Readable.from(withLineFeeds(first, lines), { objectMode: false }), { type: 'application/x-ndjson' });
}

function* withLineFeeds(first: IteratorResult<string>, rest: Iterator<string>): Generator<string> {
  for (let next = first; next.done !== true; next = rest.next()) yield `${next.value}\n`;
}
