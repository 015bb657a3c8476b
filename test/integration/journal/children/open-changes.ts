import { writeSync } from 'node:fs';
import { openDatabase } from '../../../../src/journal/open-database.ts';
import { SqliteJournal } from '../../../../src/journal/record/sqlite-journal.ts';
import { applied } from '../changes.ts';
import { intent } from '../../../support/intent.ts';

/** Opens (and every other time closes) COUNT changes; prints each id once `open` has returned. */
const [dataDir = '', count = 'Infinity'] = process.argv.slice(2);
const journal = new SqliteJournal(openDatabase(dataDir));
for (let done = 0; done < Number(count); done++) {
  const id = journal.open(intent({ requestId: `${process.pid}-${done}` }));
  writeSync(1, `${id}\n`);
  if (done % 2 === 1) journal.close(id, applied());
}
