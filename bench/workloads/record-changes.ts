/** As a program, `record-changes.ts DIRECTORY CHANGES`, so that its system calls can be traced. */
import { openDatabase } from '../../src/journal/open-database.ts';
import { SqliteJournal } from '../../src/journal/record/sqlite-journal.ts';
import { intent } from '../../test/support/intent.ts';

/** The milliseconds of each. */
export function recordChangesOneByOne(directory: string, changes: number): readonly number[] {
  const database = openDatabase(directory);
  const journal = new SqliteJournal(database);
  const milliseconds = Array.from({ length: changes }, () => {
    const start = performance.now();
    const id = journal.open(intent());
    journal.close(id, { outcome: 'applied', completedAt: new Date(), observed: { settings: { max: 131_072 }, files: {} } });
    return performance.now() - start;
  });
  database.close();
  return milliseconds;
}

const [, program, directory, changes] = process.argv;
if (program === import.meta.filename && directory !== undefined) recordChangesOneByOne(directory, Number(changes));
