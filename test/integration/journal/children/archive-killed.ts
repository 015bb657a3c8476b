import SqliteDatabase from 'better-sqlite3';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

/**
 * Archives all changes of the journal in DATA_DIR except three, and is killed (SIGKILL) before step number KILL_AT: a call that changes a file, or an
 * SQLite statement that writes. Prints the number of steps if it was not killed.
 */
const [dataDir = '', killAt = 'Infinity'] = process.argv.slice(2);
let steps = 0;

function counted<T extends object>(owner: T, names: readonly (keyof T)[]): void {
  for (const name of names) {
    const original = owner[name] as (...parameters: unknown[]) => unknown;
    owner[name] = function (this: unknown, ...parameters: unknown[]): unknown {
      steps++;
      if (steps === Number(killAt)) process.kill(process.pid, 'SIGKILL');
      return original.apply(this, parameters);
    } as T[keyof T];
  }
}

const { openDatabase } = await import('../../../../src/journal/open-database.ts');
const { archiveJournal } = await import('../../../../src/journal/archive/archive-journal.ts');
const { THIS_SERVICE } = await import('../../../../src/application/ports/tokens.ts');
const database = openDatabase(dataDir);
counted(fs, ['writeSync', 'fsyncSync', 'linkSync', 'rmSync']);
syncBuiltinESMExports();
const memory = new SqliteDatabase(':memory:');
counted(SqliteDatabase.prototype, ['exec']);
counted(Object.getPrototypeOf(memory.prepare('SELECT 1')) as SqliteDatabase.Statement, ['run']);
archiveJournal(database, { to: join(dataDir, 'a.ndjson'), keep: 3, by: THIS_SERVICE, now: new Date('2026-03-01T00:00:00.000Z') });
process.stdout.write(`${String(steps)}\n`);
