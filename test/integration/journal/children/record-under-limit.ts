import { writeSync } from 'node:fs';
import { ConntrackError } from '../../../../src/domain/conntrack-error.ts';
import { openDatabase } from '../../../../src/journal/open-database.ts';
import { SqliteJournal } from '../../../../src/journal/record/sqlite-journal.ts';
import { applied } from '../changes.ts';
import { intent } from '../../../support/intent.ts';

/**
 * Records changes under a file size limit until REFUSALS of them were refused. Prints `opened ID`, `closed ID`, `refused`, and at the end
 * `known N`, how many changes it can still read.
 */
const [dataDir = '', refusals = '1'] = process.argv.slice(2);
const journal = new SqliteJournal(openDatabase(dataDir));
const say = (line: string): unknown => writeSync(1, `${line}\n`);
let refused = 0;

function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof ConntrackError) || error.code !== 'JOURNAL_UNAVAILABLE') throw error;
    refused++;
    say(`refused ${error.details.errno ?? ''}`);
  }
}

for (let request = 0; refused < Number(refusals); request++) {
  attempt(() => {
    const id = journal.open(intent({ requestId: `req-${request}`, reason: 'x'.repeat(3000) }));
    say(`opened ${id}`);
    journal.close(id, applied());
    say(`closed ${id}`);
  });
}
say(`known ${journal.list({}, Number.MAX_SAFE_INTEGER).length}`);
