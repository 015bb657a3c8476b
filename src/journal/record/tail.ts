import type { JournalHead } from '../../application/ports/journal.ts';
import type { Connection } from '../file/connection.ts';
import { journalRefused } from '../file/journal-error.ts';
import { chainStart } from './archive-content.ts';
import { breakBetween, type RecordRow } from './record.ts';

const LAST = 100;

/**
 * Recomputes the hashes of the last 100 records, which is fast for a journal of any size. `verifyChain` checks all of them.
 *
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` with the number of the first broken record
 */
export function refuseBrokenTail(connection: Connection): void {
  const start = chainStart(connection);
  const newestFirst = connection
    .prepare<[number, number], RecordRow>('SELECT * FROM record WHERE sequence > ? ORDER BY sequence DESC LIMIT ?')
    .all(start.sequence, LAST + 1);
  const rows = newestFirst.toReversed();
  let last: JournalHead = (rows.length > LAST ? rows.shift() : undefined) ?? start;
  for (const row of rows) {
    const reason = breakBetween(last, row);
    if (reason !== undefined) throw journalRefused(connection.name, `record ${row.sequence} is broken: ${reason}`);
    last = row;
  }
}
