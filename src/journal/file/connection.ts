import SqliteDatabase from 'better-sqlite3';
import { isLocked, journalRefused } from './journal-error.ts';

export type Connection = SqliteDatabase.Database;

/** `ctap`: identifies the database files of this service. */
const APPLICATION_ID = 0x63_74_61_70;
const FULL = 2;
/** For commands, which have nothing else to do. The service does not wait here: it would stop responding. */
export const COMMAND_WAITS_MILLISECONDS = 5_000;

/** Throws if the connection must not be used. `path` is the path for messages. */
type Step = (opened: Connection, path: string) => void;

interface Opening {
  /** The path for messages. */
  readonly path: string;
  readonly readonly: boolean;
  /** How long each use blocks the process while another process locks the file. */
  readonly waits: number;
}

/** Runs the steps on a new connection to an existing file. Closes it if a step throws. */
function connection(file: string, { path, readonly, waits }: Opening, steps: readonly Step[]): Connection {
  const opened = new SqliteDatabase(file, { fileMustExist: true, readonly, timeout: waits });
  try {
    for (const step of steps) step(opened, path);
    return opened;
  } catch (error) {
    opened.close();
    throw error;
  }
}

/** Creates a database without tables, marked as one of this service, in a single file. */
export function createDatabaseFile(path: string): void {
  const created = new SqliteDatabase(path);
  try {
    created.pragma(`application_id = ${APPLICATION_ID}`);
  } finally {
    created.close();
  }
}

/** Connects to a file that may be damaged or belong to another program. `prepare` runs last. */
export function firstConnection(path: string, waits: number, prepare: Step): Connection {
  const steps = [refuseOtherProgram, refuseLocked, refuseDamaged, configure, writeOnce, prepare];
  return connection(path, { path, readonly: false, waits }, steps);
}

/** Replaces a connection after an error. Does not write, so that records can be read even if the disk is full. */
export function nextConnection(path: string, waits = COMMAND_WAITS_MILLISECONDS): Connection {
  return connection(path, { path, readonly: false, waits }, [refuseOtherProgram, configure]);
}

/** Accepts a damaged file, so that its intact part can be read. @param file the file to read, a copy of `path` */
export function readOnlyConnection(path: string, waits: number, file = path): Connection {
  return connection(file, { path, readonly: true, waits }, [refuseOtherProgram, distrustSchema]);
}

/**
 * The only connection of all processes to the file, until it is closed: then the -wal file is empty and removed.
 *
 * @throws SqliteError `SQLITE_BUSY` if another process has the file open
 */
export function exclusiveConnection(path: string, waits = COMMAND_WAITS_MILLISECONDS): Connection {
  const lock = (opened: Connection): void => {
    opened.pragma('locking_mode = EXCLUSIVE');
    opened.exec('BEGIN EXCLUSIVE; COMMIT');
  };
  return connection(path, { path, readonly: false, waits }, [refuseOtherProgram, lock]);
}

function refuseOtherProgram(opened: Connection, path: string): void {
  if (opened.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    throw journalRefused(path, 'it is the database of another program', 'Choose another data directory.');
  }
}

/** Before the file is checked, which can take seconds. Other errors are found by the steps that follow. */
function refuseLocked(opened: Connection): void {
  try {
    opened.exec('BEGIN IMMEDIATE; ROLLBACK');
  } catch (error) {
    if (isLocked(error)) throw error;
    if (opened.inTransaction) opened.exec('ROLLBACK');
  }
}

function refuseDamaged(opened: Connection, path: string): void {
  const verdict = opened.pragma('quick_check(1)', { simple: true });
  if (verdict !== 'ok') throw journalRefused(path, `it is damaged: ${String(verdict)}`);
}

function configure(opened: Connection, path: string): void {
  const mode = opened.pragma('journal_mode = WAL', { simple: true });
  if (mode !== 'wal') {
    throw journalRefused(path, `its file system does not support write-ahead logging (mode ${String(mode)})`, 'Use a local file system.');
  }
  opened.pragma('synchronous = FULL');
  opened.pragma('foreign_keys = ON');
  distrustSchema(opened);
}

function distrustSchema(opened: Connection): void {
  opened.pragma('trusted_schema = OFF');
}

/**
 * The first write on the connection. It finds a file that cannot be written here instead of at the first change, and only after a write
 * does SQLite report reliably whether commits are synced. (The binding's default in WAL mode is NORMAL, with which a power failure loses
 * committed rows.)
 */
function writeOnce(opened: Connection, path: string): void {
  opened.pragma(`application_id = ${APPLICATION_ID}`);
  const synchronous = opened.pragma('synchronous', { simple: true });
  if (synchronous !== FULL) {
    throw journalRefused(path, `commits are not synced to disk (synchronous is ${String(synchronous)})`, 'Report this as a bug.');
  }
}
