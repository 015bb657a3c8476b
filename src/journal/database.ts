import { chmodSync, linkSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errnoOf } from '../domain/conntrack-error.ts';
import { createDatabaseFile, firstConnection, nextConnection, type Connection } from './connection.ts';
import { ensureDataDirectory } from './data-directory.ts';
import { isSqliteError, journalRefused, journalUnavailable, primaryCode } from './journal-error.ts';
import { migrate } from './migrate.ts';
import { refuseHalfRenewed } from './renewal.ts';
import { refuseBrokenTail } from './tail.ts';

export const DATABASE_FILE = 'conntrack-api.sqlite3';

/** SQLite takes some shorter files for new ones. */
const LEAST_DATABASE_BYTES = 512;

/** Refusals of a write that leave no doubt: nothing of the transaction is on disk, and the connection is as good as before. */
const CERTAIN = ['SQLITE_CONSTRAINT', 'SQLITE_READONLY'];

/** Refusals of a read that the connection may have brought on itself, and would go on with: see {@link Database}. */
const SPENT = ['SQLITE_IOERR', 'SQLITE_PROTOCOL', 'SQLITE_BUSY'];

/**
 * The journal's file behind a connection that is replaced when a write fails: what became durable is then unknown, and only a new
 * connection tells. What SQLite refuses becomes `JOURNAL_UNAVAILABLE`; the next use tries again.
 *
 * It is replaced too after waiting for a lock in vain. SQLite does not look whether a lock could be given back: after one that could not
 * (EIO) the connection waits for itself, a write 5 s (`SQLITE_BUSY`), a read 10 s (`SQLITE_PROTOCOL`), each time anew.
 */
export class Database {
  readonly path: string;
  private readonly reconnect: () => Connection;
  private connection: Connection | undefined;
  private closed = false;

  constructor(path: string, first: Connection, reconnect: () => Connection) {
    this.path = path;
    this.connection = first;
    this.reconnect = reconnect;
  }

  get directory(): string {
    return dirname(this.path);
  }

  read<T>(action: (connection: Connection) => T): T {
    try {
      return action(this.connected());
    } catch (error) {
      if (isSqliteError(error) && SPENT.includes(primaryCode(error.code))) this.disconnect();
      throw this.explained(error);
    }
  }

  /**
   * In a transaction, on disk when it returns. IMMEDIATE: what `action` reads is read under the write lock, so that no other process
   * writes in between.
   */
  write<T>(action: (connection: Connection) => T): T {
    try {
      const connection = this.connected();
      return connection.transaction(() => action(connection)).immediate();
    } catch (error) {
      if (isSqliteError(error) && !CERTAIN.includes(primaryCode(error.code))) this.disconnect();
      throw this.explained(error);
    }
  }

  /** For good. Repeating it changes nothing. */
  close(): void {
    this.closed = true;
    this.disconnect();
  }

  private connected(): Connection {
    if (this.closed) throw journalRefused(this.path, 'it is closed', 'The service is stopping: ask again when it is back.');
    this.connection ??= this.reconnect();
    return this.connection;
  }

  private disconnect(): void {
    const { connection } = this;
    this.connection = undefined;
    connection?.close();
  }

  private explained(error: unknown): unknown {
    return isSqliteError(error) ? journalUnavailable(this.path, error) : error;
  }
}

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
