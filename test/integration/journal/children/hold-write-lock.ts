import { writeSync } from 'node:fs';
import { openDatabase } from '../../../../src/journal/open-database.ts';
import { SqliteJournal } from '../../../../src/journal/record/sqlite-journal.ts';
import { intent } from '../../../support/intent.ts';

/** Opens a change in a transaction that it commits MILLISECONDS after printing `locked`. */
const [dataDir = '', milliseconds = '0'] = process.argv.slice(2);
const database = openDatabase(dataDir);
const journal = new SqliteJournal(database);
database.write(() => {
  journal.open(intent({ requestId: 'the slow one' }));
  writeSync(1, 'locked\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(milliseconds));
});
