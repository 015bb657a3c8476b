import type { Statement } from 'better-sqlite3';
import { dirname } from 'node:path';
import type { Connection } from './connection.ts';
import { isSqliteError, journalRefused, journalUnavailable, primaryCode } from './journal-error.ts';

export const DATABASE_FILE = 'conntrack-api.sqlite3';

/** Write errors after which nothing of the transaction is on disk and the connection can still be used. */
const ROLLED_BACK = ['SQLITE_CONSTRAINT', 'SQLITE_READONLY'];

/** Read errors that the connection itself may cause, and would repeat: see {@link Database}. */
const CONNECTION_ERRORS = ['SQLITE_IOERR', 'SQLITE_PROTOCOL', 'SQLITE_BUSY'];

/**
 * The database file of the journal. SQLite errors become `JOURNAL_UNAVAILABLE`, and the next use tries again.
 *
 * The connection is replaced after a failed write, because only a new connection shows what became durable. It is also replaced after a lock
 * timeout: SQLite does not check whether it could release a lock, and after a failed release (EIO) the connection would wait for its own
 * lock on every use, 5 s for a write (`SQLITE_BUSY`) and 10 s for a read (`SQLITE_PROTOCOL`).
 */
export class Database {
  readonly path: string;
  private readonly reconnect: () => Connection;
  private connection: Connection | undefined;
  private closed = false;
  private written = 0;

  constructor(path: string, first: Connection, reconnect: () => Connection) {
    this.path = path;
    this.connection = first;
    this.reconnect = reconnect;
  }

  /**
   * Changes whenever this process or another has written. A change outside SQLite is not noticed, which the cache of the connection hides, too.
   *
   * @param dataVersion `PRAGMA data_version`, which only writes of other connections change
   */
  version(dataVersion: Statement<[], number>): string {
    return `${String(dataVersion.get())} ${String(this.written)}`;
  }

  get directory(): string {
    return dirname(this.path);
  }

  read<T>(action: (connection: Connection) => T): T {
    try {
      return action(this.connected());
    } catch (error) {
      if (isSqliteError(error) && CONNECTION_ERRORS.includes(primaryCode(error.code))) this.disconnect();
      throw this.asJournalError(error);
    }
  }

  /**
   * Runs `action` in a transaction that is on disk when this returns. It is IMMEDIATE: `action` reads under the write lock, so no other
   * process can write in between.
   */
  write<T>(action: (connection: Connection) => T): T {
    try {
      const connection = this.connected();
      return connection.transaction(() => action(connection)).immediate();
    } catch (error) {
      if (isSqliteError(error) && !ROLLED_BACK.includes(primaryCode(error.code))) this.disconnect();
      throw this.asJournalError(error);
    } finally {
      this.written += 1;
    }
  }

  /** Closes the database permanently. Idempotent. */
  close(): void {
    this.closed = true;
    this.disconnect();
  }

  private connected(): Connection {
    if (this.closed)
      throw journalRefused(this.path, 'it is closed', 'The service is stopping. Send the request again after it has restarted.');
    this.connection ??= this.reconnect();
    return this.connection;
  }

  private disconnect(): void {
    const { connection } = this;
    this.connection = undefined;
    connection?.close();
  }

  private asJournalError(error: unknown): unknown {
    return isSqliteError(error) ? journalUnavailable(this.path, error) : error;
  }
}
