import { chmodSync, linkSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../domain/conntrack-error.ts';
import { COMMAND_WAITS_MILLISECONDS, createDatabaseFile, firstConnection, nextConnection, type Connection } from './file/connection.ts';
import { ensureDataDirectory } from './file/data-directory.ts';
import { Database, DATABASE_FILE } from './file/database.ts';
import { journalRefused, journalUnavailable } from './file/journal-error.ts';
import { migrate } from './file/migrate.ts';
import { refuseBrokenTail } from './record/tail.ts';
import { refuseHalfRenewed } from './renewal.ts';
import { refuseHalfRestored } from './restoration.ts';
import { adoptTokens, TOKEN_RECORDS_MIGRATION } from './tokens/adopt-tokens.ts';

/** SQLite treats some shorter files as new databases. */
const LEAST_DATABASE_BYTES = 512;

/**
 * Opens the database file of the journal, applies missing migrations and verifies the last records. Creates the file (0600) and its
 * directory (0700) if they do not exist, and refuses those that other users own or may write. Every commit is on disk when it returns.
 *
 * @param waits how long each use blocks the process while another process writes
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` with path, reason and remedy. A damaged file, or one of another program, is not changed.
 */
export function openDatabase(dataDir: string, waits = COMMAND_WAITS_MILLISECONDS): Database {
  requireDirectory(dataDir);
  refuseHalfRenewed(dataDir);
  refuseHalfRestored(dataDir);
  return openHalfRenewed(dataDir, waits);
}

function requireDirectory(dataDir: string): void {
  try {
    ensureDataDirectory(dataDir);
  } catch (error) {
    throw journalUnavailable(join(dataDir, DATABASE_FILE), error);
  }
}

/** {@link openDatabase} for the renewal, which it does not check for. */
export function openHalfRenewed(dataDir: string, waits = COMMAND_WAITS_MILLISECONDS): Database {
  return openFile(join(dataDir, DATABASE_FILE), waits);
}

/** {@link openDatabase} for any path. */
export function openFile(path: string, waits = COMMAND_WAITS_MILLISECONDS): Database {
  try {
    createIfAbsent(path);
    return new Database(path, firstConnection(path, waits, migrateAndVerify), () => nextConnection(path, waits));
  } catch (error) {
    throw journalUnavailable(path, error);
  }
}

function migrateAndVerify(connection: Connection): void {
  migrate(connection, undefined, (database, number) => {
    if (number === TOKEN_RECORDS_MIGRATION) adoptTokens(database, new Date());
  });
  refuseBrokenTail(connection);
}

/**
 * Creates the file atomically, and only if none exists: an empty file is a lost journal. Never opens an existing file, because closing any
 * descriptor of it would drop the locks that this process holds on it through SQLite (fcntl).
 */
function createIfAbsent(path: string): void {
  const size = sizeOf(path);
  if (size === undefined) {
    if ((sizeOf(`${path}-wal`) ?? 0) > 0) throw journalRefused(path, 'its -wal file contains records, but the file itself is missing');
    create(path);
  } else if (size < LEAST_DATABASE_BYTES) {
    throw journalRefused(path, `it is damaged: ${size} bytes are too short for a database`);
  }
}

/** If another process creates the file at the same time, one of the two becomes the journal of both. */
function create(path: string): void {
  const directory = mkdtempSync(`${path}.new-`);
  try {
    chmodSync(directory, 0o700);
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
