import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMAND_WAITS_MILLISECONDS, readOnlyConnection, type Connection } from './file/connection.ts';
import { Database, DATABASE_FILE } from './file/database.ts';
import { journalRefused, journalUnavailable } from './file/journal-error.ts';
import { appliedMigrations, type AppliedMigration } from './file/migrate.ts';

/**
 * Opens a journal, or a copy of one with or without its -wal file, read-only: for `verifyChain`, `exportRecords`, `migrationsOf` and
 * tokens. It may be damaged, on a read-only file system, of an older or newer version, or in use by a service. Neither the file nor its
 * -wal file is changed.
 *
 * @param path of the file or of its data directory
 * @param waits how long each use blocks the process while another process locks the file
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` if it cannot be read or is not a journal
 */
export function openDatabaseReadOnly(path: string, waits = COMMAND_WAITS_MILLISECONDS): Database {
  try {
    const file = statSync(path).isDirectory() ? join(path, DATABASE_FILE) : path;
    for (const part of ['', '-wal']) refuseIrregular(file + part);
    return new Database(file, connect(file, waits), () => connect(file, waits));
  } catch (error) {
    throw journalUnavailable(path, error);
  }
}

/**
 * {@link openDatabaseReadOnly} for a reader that stays: it sees what others write later. Writes the -shm file, as SQLite does for every user of a
 * database in use.
 */
export function openDatabaseToFollow(dataDir: string): Database {
  const path = join(dataDir, DATABASE_FILE);
  try {
    const connectInPlace = (): Connection => readOnlyConnection(path, COMMAND_WAITS_MILLISECONDS);
    return new Database(path, connectInPlace(), connectInPlace);
  } catch (error) {
    throw journalUnavailable(path, error);
  }
}

/** Reading a pipe would wait for a writer, and so block the process. */
function refuseIrregular(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats && !stats.isFile() && !stats.isDirectory()) {
    throw journalRefused(
      path,
      'expected a regular file, found a pipe, socket or device',
      'Specify the path of a journal or of its data directory.',
    );
  }
}

/** The migrations that were applied to the journal. */
export function migrationsOf(database: Database): readonly AppliedMigration[] {
  return database.read(appliedMigrations);
}

/** A -shm file exists while a process uses the journal. The journal is then read in place, under SQLite's locks; otherwise from a copy. */
function connect(file: string, waits: number): Connection {
  const isInUse = (): boolean => existsSync(`${file}-shm`);
  if (isInUse()) return readOnlyConnection(file, waits);
  const copy = connectToCopy(file, waits);
  if (!isInUse()) return copy;
  copy.close();
  return readOnlyConnection(file, waits);
}

/**
 * SQLite cannot read a write-ahead log without writing next to it, so it reads a temporary copy. The copy is unlinked immediately and is
 * freed when the connection is closed.
 */
function connectToCopy(file: string, waits: number): Connection {
  const directory = mkdtempSync(join(tmpdir(), 'conntrack-api-read-'));
  try {
    const copy = join(directory, 'journal');
    copyFileSync(file, copy);
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    return readOnlyConnection(file, waits, copy);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
