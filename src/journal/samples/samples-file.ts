import SqliteDatabase from 'better-sqlite3';
import { chmodSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ConntrackError, errnoOf } from '../../domain/conntrack-error.ts';
import type { Connection } from '../file/connection.ts';
import { isSqliteError, primaryCode } from '../file/journal-error.ts';
import { migrate } from '../file/migrate.ts';

export const SAMPLES_FILE = 'samples.sqlite3';

const MIGRATIONS = new URL('../../../migrations/samples/', import.meta.url);
/** `ctas`: tells our file from another program's. */
const APPLICATION_ID = 0x63_74_61_73;
const BUSY_TIMEOUT_MILLISECONDS = 1_000;
/** The write-ahead log is copied back after so many pages: little at a time. */
const CHECKPOINT_PAGES = 250;
const DAMAGED = ['SQLITE_CORRUPT', 'SQLITE_NOTADB'];
const REMEDY = 'Make room for it, or make it and its directory writable. It is tried again at the next sample.';

/**
 * The samples in a file of their own: the journal is evidence and must neither wait for them nor grow with them.
 *
 * `synchronous` is NORMAL: a commit does not wait for the disk, so that a sample costs no sync. The power may take the last minutes with it;
 * the file stays whole, because the write-ahead log is synced before it is copied back. For samples that is enough, for the journal it is not.
 *
 * It is opened at the first use, and again after a failure. A damaged one is set aside, one copy at most, and begun anew; `warn` is told.
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

  /** In one transaction. @throws ConntrackError `HISTORY_UNAVAILABLE` */
  use<T>(action: (connection: Connection) => T): T {
    try {
      return this.once(action);
    } catch (error) {
      if (!isDamage(error)) throw this.explained(error);
    }
    this.setAside();
    try {
      return this.once(action);
    } catch (error) {
      throw this.explained(error);
    }
  }

  /** For good. Repeating it changes nothing. */
  close(): void {
    this.closed = true;
    this.disconnect();
  }

  private once<T>(action: (connection: Connection) => T): T {
    if (this.closed) throw new ConntrackError('HISTORY_UNAVAILABLE', 'The history is closed: the service is stopping.');
    try {
      const connection = (this.connection ??= this.open());
      return connection.transaction(() => action(connection)).immediate();
    } catch (error) {
      this.disconnect();
      throw error;
    }
  }

  private open(): Connection {
    const opened = new SqliteDatabase(this.path, { timeout: BUSY_TIMEOUT_MILLISECONDS });
    try {
      refuseDamaged(opened);
      // To be said before the first table: pages of periods that are gone can then be given back.
      opened.pragma('auto_vacuum = INCREMENTAL');
      opened.pragma('journal_mode = WAL');
      opened.pragma('synchronous = NORMAL');
      opened.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
      opened.pragma('journal_size_limit = 1048576');
      opened.pragma('foreign_keys = ON');
      opened.pragma('trusted_schema = OFF');
      migrate(opened, MIGRATIONS);
      if (opened.pragma('application_id', { simple: true }) !== APPLICATION_ID) opened.pragma(`application_id = ${APPLICATION_ID}`);
      chmodSync(this.path, 0o600);
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
      throw this.explained(error);
    }
    this.warn(`the samples ${this.path} are damaged: set aside as ${aside}, and begun anew`);
  }

  private explained(error: unknown): unknown {
    if (error instanceof ConntrackError && error.code === 'HISTORY_UNAVAILABLE') return error;
    const code = errnoOf(error);
    if (!(error instanceof ConntrackError) && !isSqliteError(error) && code === undefined) return error;
    const reason = error instanceof Error ? error.message : String(error);
    return new ConntrackError('HISTORY_UNAVAILABLE', `The samples ${this.path} cannot be used: ${reason}${code ? ` (${code})` : ''}`, {
      ...(code !== undefined && { errno: code }),
      remedy: error instanceof ConntrackError ? 'Move the file away: it is begun anew.' : REMEDY,
      cause: error,
    });
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
