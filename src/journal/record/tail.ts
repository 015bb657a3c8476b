import type { JournalHead } from '../../application/ports/journal.ts';
import type { Connection } from '../file/connection.ts';
import { journalRefused } from '../file/journal-error.ts';
import { breakBetween, GENESIS, type RecordRow } from './record.ts';

const LAST = 100;

/**
 * Recomputes the last 100 records: soon enough to be done before the journal is used, whatever its size. All of it: `verifyChain`.
 *
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` naming the record that is not as it was written.
 */
export function refuseBrokenTail(connection: Connection): void {
  const newestFirst = connection.prepare<[number], RecordRow>('SELECT * FROM record ORDER BY sequence DESC LIMIT ?').all(LAST + 1);
  const rows = newestFirst.toReversed();
  let last: JournalHead = (rows.length > LAST ? rows.shift() : undefined) ?? GENESIS;
  for (const row of rows) {
    const reason = breakBetween(last, row);
    if (reason !== undefined) throw journalRefused(connection.name, `record ${row.sequence} is not as it was written: ${reason}`);
    last = row;
  }
}
