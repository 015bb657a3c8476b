import SqliteDatabase from 'better-sqlite3';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConntrackError, errnoOf } from '../../domain/conntrack-error.ts';
import type { Connection } from '../file/connection.ts';
import { createPrivateFile } from '../file/data-directory.ts';
import { isLocked, isSqliteError } from '../file/journal-error.ts';
import { migrate } from '../file/migrate.ts';

const WEBHOOKS_FILE = 'webhooks.sqlite3';
const MIGRATIONS = new URL('../../../migrations/webhooks/', import.meta.url);
/** `ctaw`: identifies the webhooks files of this service. */
const APPLICATION_ID = 0x63_74_61_77;
const REMEDY =
  'Free space for it, or make it and its directory writable. If it is damaged, restore it, or remove it and create the webhooks again.';

/**
 * The webhooks have their own file, so that the journal neither waits for them nor contains their secrets. It is created with the first
 * webhook, opened at the first use, and again after a failure. A damaged file is not replaced: its webhooks would vanish unnoticed.
 */
export class WebhooksFile {
  private readonly path: string;
  private readonly opened: (connection: Connection) => void;
  private connection: Connection | undefined;
  private closed = false;

  /** @param opened called with each new connection */
  constructor(dataDir: string, opened: (connection: Connection) => void) {
    this.path = join(dataDir, WEBHOOKS_FILE);
    this.opened = opened;
  }

  exists(): boolean {
    return this.connection !== undefined || existsSync(this.path);
  }

  /**
   * Runs `action` in a transaction.
   *
   * @param durable whether the commit is synced before it returns
   * @throws ConntrackError `WEBHOOKS_UNAVAILABLE`
   */
  use<T>(action: (connection: Connection) => T, durable = false): T {
    if (this.closed) throw new ConntrackError('WEBHOOKS_UNAVAILABLE', 'The service is stopping.');
    try {
      const connection = (this.connection ??= this.open());
      connection.pragma(`synchronous = ${durable ? 'FULL' : 'NORMAL'}`);
      return connection.transaction(action).immediate(connection);
    } catch (error) {
      // A refusal of the action itself is no failure of the file.
      if (error instanceof ConntrackError && error.code !== 'JOURNAL_UNAVAILABLE') throw error;
      this.disconnect();
      throw this.asUnavailable(error);
    }
  }

  /** Closes the file permanently. Idempotent. */
  close(): void {
    this.closed = true;
    this.disconnect();
  }

  private open(): Connection {
    createPrivateFile(this.path);
    const opened = new SqliteDatabase(this.path, { timeout: 0 });
    try {
      const id = opened.pragma('application_id', { simple: true });
      if (id !== 0 && id !== APPLICATION_ID) throw new SqliteDatabase.SqliteError('it is the database of another program', 'SQLITE_NOTADB');
      const verdict = opened.pragma('quick_check(1)', { simple: true });
      if (verdict !== 'ok') throw new SqliteDatabase.SqliteError(String(verdict), 'SQLITE_CORRUPT');
      opened.pragma('journal_mode = WAL');
      opened.pragma('synchronous = FULL');
      opened.pragma('journal_size_limit = 1048576');
      opened.pragma('trusted_schema = OFF');
      migrate(opened, MIGRATIONS);
      if (id !== APPLICATION_ID) opened.pragma(`application_id = ${APPLICATION_ID}`);
      this.opened(opened);
      return opened;
    } catch (error) {
      opened.close();
      throw error;
    }
  }

  private disconnect(): void {
    const { connection } = this;
    this.connection = undefined;
    connection?.close();
  }

  private asUnavailable(error: unknown): unknown {
    const code = errnoOf(error);
    if (!(error instanceof ConntrackError) && !isSqliteError(error) && code === undefined) return error;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `The file ${this.path} cannot be used: ${reason}${code ? ` (${code})` : ''}.`;
    return new ConntrackError('WEBHOOKS_UNAVAILABLE', message, {
      ...(code !== undefined && { errno: code }),
      ...(isLocked(error) && { isLocked: true }),
      remedy: REMEDY,
      cause: error,
    });
  }
}
