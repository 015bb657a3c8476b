import SqliteDatabase from 'better-sqlite3';
import { lstatSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ConntrackError, errnoOf } from '../../domain/conntrack-error.ts';
import type { Connection } from '../file/connection.ts';
import { createPrivateFile } from '../file/data-directory.ts';
import { isLocked, isSqliteError, primaryCode } from '../file/journal-error.ts';
import { migrate } from '../file/migrate.ts';

const SAMPLES_FILE = 'samples.sqlite3';

const MIGRATIONS = new URL('../../../migrations/samples/', import.meta.url);
/** `ctas`: identifies the samples files of this service. */
const APPLICATION_ID = 0x63_74_61_73;
/** Nothing else runs while SQLite waits for a lock: callers retry instead (see `retryWhileLocked`). */
const BUSY_TIMEOUT_MILLISECONDS = 0;
/** Pages in the write-ahead log after which it is checkpointed: few, so that a checkpoint is short. */
const CHECKPOINT_PAGES = 250;
const DAMAGED = ['SQLITE_CORRUPT', 'SQLITE_NOTADB'];
const REMEDY_PIPE = 'Remove it. The next sample creates the file.';
const REMEDY = 'Free space for it, or make it and its directory writable. The next sample tries again.';

/**
 * The samples have their own file, so that the journal neither waits for them nor grows with them.
 *
 * `synchronous` is NORMAL: a commit does not wait for the disk. A power failure can lose the samples of the last minutes but does not damage
 * the file, because the write-ahead log is synced before a checkpoint. This is enough for samples, but not for the journal.
 *
 * The file is opened at the first use, and again after a failure. A damaged file is renamed (only one copy is kept) and replaced by a new
 * one; `warn` is called.
 */
export class SamplesFile {
  readonly path: string;
  private readonly warn: (message: string) => void;
  private connection: Connection | undefined;
  private closed = false;

  constructor(dataDir: string, warn: (message: string) => void) {
    this.path = join(dataDir, SAMPLES_FILE);
    this.warn = warn;
  }

  /** Runs `action` in a transaction, under the write lock. @throws ConntrackError `HISTORY_UNAVAILABLE` */
  write<T>(action: (connection: Connection) => T): T {
    return this.use((connection) => connection.transaction(action).immediate(connection));
  }

  /** Runs `action` in a transaction, beside writes of other processes. @throws ConntrackError `HISTORY_UNAVAILABLE` */
  read<T>(action: (connection: Connection) => T): T {
    return this.use((connection) => connection.transaction(action)(connection));
  }

  private use<T>(action: (connection: Connection) => T): T {
    try {
      return this.attempt(action);
    } catch (error) {
      if (!isDamage(error)) throw this.asHistoryError(error);
    }
    this.setAside();
    try {
      return this.attempt(action);
    } catch (error) {
      throw this.asHistoryError(error);
    }
  }

  /** Closes the file permanently. Idempotent. */
  close(): void {
    this.closed = true;
    this.disconnect();
  }

  private attempt<T>(action: (connection: Connection) => T): T {
    if (this.closed) throw new ConntrackError('HISTORY_UNAVAILABLE', 'The history is closed: the service is stopping.');
    try {
      return action((this.connection ??= this.open()));
    } catch (error) {
      this.disconnect();
      throw error;
    }
  }

  private open(): Connection {
    createPrivateFile(this.path);
    if (lstatSync(this.path).isFIFO())
      throw new ConntrackError('HISTORY_UNAVAILABLE', `The samples file ${this.path} is a pipe.`, { remedy: REMEDY_PIPE });
    const opened = new SqliteDatabase(this.path, { timeout: BUSY_TIMEOUT_MILLISECONDS });
    try {
      refuseDamaged(opened);
      // Must be set before the first table is created. It allows freeing the pages of expired periods.
      opened.pragma('auto_vacuum = INCREMENTAL');
      opened.pragma('journal_mode = WAL');
      opened.pragma('synchronous = NORMAL');
      opened.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
      opened.pragma('journal_size_limit = 1048576');
      opened.pragma('foreign_keys = ON');
      opened.pragma('trusted_schema = OFF');
      migrate(opened, MIGRATIONS);
      if (opened.pragma('application_id', { simple: true }) !== APPLICATION_ID) opened.pragma(`application_id = ${APPLICATION_ID}`);
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

  private setAside(): void {
    const aside = `${this.path}.damaged`;
    try {
      renameSync(this.path, aside);
      for (const part of ['-wal', '-shm']) rmSync(`${this.path}${part}`, { force: true });
    } catch (error) {
      throw this.asHistoryError(error);
    }
    this.warn(`the samples file ${this.path} is damaged: it was renamed to ${aside} and replaced by a new one`);
  }

  private asHistoryError(error: unknown): unknown {
    if (error instanceof ConntrackError && error.code === 'HISTORY_UNAVAILABLE') return error;
    const code = errnoOf(error);
    if (!(error instanceof ConntrackError) && !isSqliteError(error) && code === undefined) return error;
    const reason = error instanceof Error ? error.message : String(error);
    return new ConntrackError(
      'HISTORY_UNAVAILABLE',
      `The samples file ${this.path} cannot be used: ${reason}${code ? ` (${code})` : ''}.`,
      {
        ...(code !== undefined && { errno: code }),
        ...(isLocked(error) && { isLocked: true }),
        remedy: error instanceof ConntrackError ? 'Rename or remove the file. The service then creates a new one.' : REMEDY,
        cause: error,
      },
    );
  }
}

function refuseDamaged(opened: Connection): void {
  const id = opened.pragma('application_id', { simple: true });
  if (id !== 0 && id !== APPLICATION_ID) throw new SqliteDatabase.SqliteError('it is the database of another program', 'SQLITE_NOTADB');
  const verdict = opened.pragma('quick_check(1)', { simple: true });
  if (verdict !== 'ok') throw new SqliteDatabase.SqliteError(String(verdict), 'SQLITE_CORRUPT');
}

function isDamage(error: unknown): boolean {
  return isSqliteError(error) && DAMAGED.includes(primaryCode(error.code));
}
