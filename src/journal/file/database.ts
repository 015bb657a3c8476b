import { dirname } from 'node:path';
import type { Connection } from './connection.ts';
import { isSqliteError, journalRefused, journalUnavailable, primaryCode } from './journal-error.ts';

export const DATABASE_FILE = 'conntrack-api.sqlite3';

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
