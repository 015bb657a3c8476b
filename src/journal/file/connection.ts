import SqliteDatabase from 'better-sqlite3';
import { journalRefused } from './journal-error.ts';

export type Connection = SqliteDatabase.Database;

/** `ctap`: tells our file from another program's. */
const APPLICATION_ID = 0x63_74_61_70;
const FULL = 2;
const BUSY_TIMEOUT_MILLISECONDS = 5000;

/** Throws where a connection may not be used; `path` is what the user calls the file. */
type Step = (opened: Connection, path: string) => void;

/** Runs the steps on a new connection to an existing file, and closes it when one of them throws. */
function connection(file: string, readonly: boolean, steps: readonly Step[], path = file): Connection {
  const opened = new SqliteDatabase(file, { fileMustExist: true, readonly, timeout: BUSY_TIMEOUT_MILLISECONDS });
  try {
    for (const step of steps) step(opened, path);
    return opened;
  } catch (error) {
    opened.close();
    throw error;
  }
}

/** A database without tables that says whose it is, in one file. */
export function createDatabaseFile(path: string): void {
  const created = new SqliteDatabase(path);
  try {
    created.pragma(`application_id = ${APPLICATION_ID}`);
  } finally {
    created.close();
  }
}

/** To a file that may be damaged or another program's. `prepare` comes last. */
export function firstConnection(path: string, prepare: Step): Connection {
  return connection(path, false, [refuseForeign, refuseDamaged, configure, claim, prepare]);
}

/** In place of one that was given up. Writes nothing: what is recorded can be read even where there is no room left. */
export function nextConnection(path: string): Connection {
  return connection(path, false, [refuseForeign, configure]);
}

/** A damaged file passes: what can be read of it can be read. `file` holds the bytes of `path`. */
export function readOnlyConnection(path: string, file = path): Connection {
  return connection(file, true, [refuseForeign, distrustSchema], path);
}

function refuseForeign(opened: Connection, path: string): void {
  if (opened.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    throw journalRefused(path, 'it is the database of another program', 'Choose another data directory.');
  }
}

function refuseDamaged(opened: Connection, path: string): void {
  const verdict = opened.pragma('quick_check(1)', { simple: true });
  if (verdict !== 'ok') throw journalRefused(path, `it is damaged: ${String(verdict)}`);
}

function configure(opened: Connection, path: string): void {
  const mode = opened.pragma('journal_mode = WAL', { simple: true });
  if (mode !== 'wal') {
    throw journalRefused(path, `its file system cannot do write-ahead logging (mode ${String(mode)})`, 'Use a local file system.');
  }
  opened.pragma('synchronous = FULL');
  opened.pragma('foreign_keys = ON');
  distrustSchema(opened);
}

function distrustSchema(opened: Connection): void {
  opened.pragma('trusted_schema = OFF');
}

/**
 * The first write on the connection: a file that cannot be written is found here and not at the first change. Only after a write does
 * SQLite say truly whether commits are synced: the binding's default in WAL is NORMAL, which loses acknowledged rows with the power.
 */
function claim(opened: Connection, path: string): void {
  opened.pragma(`application_id = ${APPLICATION_ID}`);
  const synchronous = opened.pragma('synchronous', { simple: true });
  if (synchronous !== FULL) {
    throw journalRefused(path, `commits are not synced to disk (synchronous is ${String(synchronous)})`, 'Report this as a bug.');
  }
}
