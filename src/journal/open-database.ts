import { chmodSync, linkSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../domain/conntrack-error.ts';
import { createDatabaseFile, firstConnection, nextConnection, type Connection } from './file/connection.ts';
import { ensureDataDirectory } from './file/data-directory.ts';
import { Database, DATABASE_FILE } from './file/database.ts';
import { journalRefused, journalUnavailable } from './file/journal-error.ts';
import { migrate } from './file/migrate.ts';
import { refuseBrokenTail } from './record/tail.ts';
import { refuseHalfRenewed } from './renewal.ts';

/** SQLite takes some shorter files for new ones. */
const LEAST_DATABASE_BYTES = 512;

/**
 * Opens the journal's file, creating it (0600) and its directory (0700) where absent, brings its schema up to date and verifies its last
 * records. Every commit is on disk when it returns; other processes' writes are waited for, up to 5 s.
 *
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` with path, reason and remedy. A file that is damaged or not ours is left as it is.
 */
export function openDatabase(dataDir: string): Database {
  refuseHalfRenewed(dataDir);
  return openHalfRenewed(dataDir);
}

/** {@link openDatabase} for the renewal itself. */
export function openHalfRenewed(dataDir: string): Database {
  const path = join(dataDir, DATABASE_FILE);
  try {
    ensureDataDirectory(dataDir);
    createIfAbsent(path);
    return new Database(path, firstConnection(path, migrateAndVerify), () => nextConnection(path));
  } catch (error) {
    throw journalUnavailable(path, error);
  }
}

function migrateAndVerify(connection: Connection): void {
  migrate(connection);
  refuseBrokenTail(connection);
}

/**
 * Only where there is no file at all, and whole at once: an empty file is a journal that was lost. Never opens an existing file: closing
 * any descriptor of it would drop the locks this process holds on it through SQLite (fcntl).
 */
function createIfAbsent(path: string): void {
  const size = sizeOf(path);
  if (size === undefined) {
    if ((sizeOf(`${path}-wal`) ?? 0) > 0) throw journalRefused(path, 'its -wal file has records and the file itself is gone');
    create(path);
  } else if (size < LEAST_DATABASE_BYTES) {
    throw journalRefused(path, `it is damaged: ${size} bytes are no database`);
  }
}

/** Another process may do so at the same time: one of the two files becomes the journal of both. */
function create(path: string): void {
  const directory = mkdtempSync(`${path}.new-`);
  try {
    const draft = join(directory, 'draft');
    createDatabaseFile(draft);
    chmodSync(draft, 0o600);
    linkSync(draft, path);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}
