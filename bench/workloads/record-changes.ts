/** As a program, `record-changes.ts DIRECTORY CHANGES`, so that its system calls can be traced. */
import type { Intent } from '../../src/domain/change.ts';
import { openDatabase } from '../../src/journal/open-database.ts';
import { SqliteJournal } from '../../src/journal/record/sqlite-journal.ts';

const INTENT: Intent = {
  kind: 'change',
  startedAt: new Date(),
  bootId: '11111111-2222-3333-4444-555555555555',
  actor: { tokenId: 'a1b2c3d4e5f6', name: 'bench', peer: '127.0.0.1' },
  requestId: 'bench',
  reason: null,
  rollbackOf: null,
  relatesTo: null,
  confirm: null,
  idempotency: null,
  acknowledged: [],
  settings: [{ name: 'max', before: 65_536, requested: 131_072 }],
  files: [],
};

/** The milliseconds of each. */
export function recordChangesOneByOne(directory: string, changes: number): readonly number[] {
  const database = openDatabase(directory);
  const journal = new SqliteJournal(database);
  const milliseconds = Array.from({ length: changes }, () => {
    const start = performance.now();
    const id = journal.open(INTENT);
    journal.close(id, { outcome: 'applied', completedAt: new Date(), observed: { settings: { max: 131_072 }, files: {} } });
    return performance.now() - start;
  });
  database.close();
  return milliseconds;
}

const [, program, directory, changes] = process.argv;
if (program === import.meta.filename && directory !== undefined) recordChangesOneByOne(directory, Number(changes));
