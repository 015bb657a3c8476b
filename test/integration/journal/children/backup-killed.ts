import SqliteDatabase from 'better-sqlite3';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Backs up the journal in DATA_DIR to FILE, or restores it from FILE, and is killed (SIGKILL) before step number KILL_AT: a call that changes a file, or
 * an SQLite statement. Prints the number of steps if it was not killed.
 */
const [command = '', dataDir = '', file = '', killAt = 'Infinity'] = process.argv.slice(2);
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

const { backUpJournal } = await import('../../../../src/journal/backup-journal.ts');
const { restoreJournal } = await import('../../../../src/journal/restore-journal.ts');
const { THIS_SERVICE } = await import('../../../../src/application/ports/tokens.ts');
counted(fs, ['openSync', 'writeFileSync', 'fsyncSync', 'linkSync', 'renameSync', 'rmSync', 'mkdtempSync']);
syncBuiltinESMExports();
const memory = new SqliteDatabase(':memory:');
counted(SqliteDatabase.prototype, ['exec']);
counted(Object.getPrototypeOf(memory.prepare('SELECT 1')) as SqliteDatabase.Statement, ['run']);
if (command === 'backup') backUpJournal({ dataDir, to: file });
else {
  const now = new Date('2026-03-01T00:00:00.000Z');
  await restoreJournal({ dataDir, file, by: THIS_SERVICE, now, confirm: () => Promise.resolve(true) });
}
process.stdout.write(`${String(steps)}\n`);
