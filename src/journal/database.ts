import SqliteDatabase from 'better-sqlite3';
import { closeSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ConntrackError, errnoOf } from '../domain/conntrack-error.ts';
import { ensureDataDirectory } from './data-directory.ts';
import { journalRefused, journalUnavailable } from './journal-error.ts';
import { migrate } from './migrate.ts';

export type Database = SqliteDatabase.Database;

export const DATABASE_FILE = 'conntrack-api.sqlite3';

/** `ctap`: tells our file from another program's. */
const APPLICATION_ID = 0x63_74_61_70;
const FULL = 2;

/**
 * Opens the journal's file, creating it (0600) and its directory (0700) where absent, and brings its schema up to date. Every commit on
 * the connection is on disk when it returns; other processes' writes are waited for, up to 5 s.
 *
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` with path, reason and remedy. A file that is damaged or not ours is left as it is.
 */
export function openDatabase(dataDir: string): Database {
  const path = join(dataDir, DATABASE_FILE);
  try {
    ensureDataDirectory(dataDir);
    createIfAbsent(path);
    return prepared(new SqliteDatabase(path, { fileMustExist: true, timeout: 5000 }));
  } catch (error) {
    throw error instanceof ConntrackError ? error : journalUnavailable(path, error);
  }
}

/** Never opens an existing file: closing any descriptor of it would drop the locks this process holds on it through SQLite (fcntl). */
function createIfAbsent(path: string): void {
  if (!isEmpty(path)) return;
  if (!isEmpty(`${path}-wal`)) {
    throw journalRefused(
      path,
      'its -wal file has records and the file itself is gone',
      'Restore the file from a backup, or move the -wal file aside.',
    );
  }
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

function isEmpty(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0;
}

function prepared(database: Database): Database {
  try {
    refuseForeign(database);
    refuseDamaged(database);
    configure(database);
    claim(database);
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function refuseForeign(database: Database): void {
  const id = database.pragma('application_id', { simple: true });
  const isNew = id === 0 && database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
  if (id !== APPLICATION_ID && !isNew) {
    throw journalRefused(database.name, 'it is the database of another program', 'Choose another data directory.');
  }
}

function refuseDamaged(database: Database): void {
  const verdict = database.pragma('quick_check(1)', { simple: true });
  if (verdict !== 'ok') {
    throw journalRefused(
      database.name,
      `it is damaged: ${String(verdict)}`,
      'Keep the file as evidence: move it aside with its -wal and -shm files and restore a backup. It is never recreated.',
    );
  }
}

function configure(database: Database): void {
  const mode = database.pragma('journal_mode = WAL', { simple: true });
  if (mode !== 'wal') {
    throw journalRefused(database.name, `its file system cannot do write-ahead logging (mode ${String(mode)})`, 'Use a local file system.');
  }
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  database.pragma('trusted_schema = OFF');
}

/**
 * The first write on the connection: a file that cannot be written is found here and not at the first change. Only after a write does
 * SQLite say truly whether commits are synced: the binding's default in WAL is NORMAL, which loses acknowledged rows with the power.
 */
function claim(database: Database): void {
  database.pragma(`application_id = ${APPLICATION_ID}`);
  const synchronous = database.pragma('synchronous', { simple: true });
  if (synchronous !== FULL) {
    throw journalRefused(database.name, `commits are not synced to disk (synchronous is ${String(synchronous)})`, 'Report this as a bug.');
  }
}
