import SqliteDatabase from 'better-sqlite3';
import { ConntrackError, errnoOf } from '../domain/conntrack-error.ts';

const CORRUPT =
  'Keep the file as evidence: stop the service, move it aside with its -wal and -shm files and restore a backup. It is never recreated.';

/** By SQLite's primary result code or errno; anything else gets no advice rather than wrong advice. */
const REMEDIES: Readonly<Record<string, string>> = {
  SQLITE_CORRUPT: CORRUPT,
  SQLITE_NOTADB: CORRUPT,
  SQLITE_FULL: 'Free space on its file system.',
  SQLITE_IOERR: 'Check the file system and the disk below it (dmesg).',
  SQLITE_BUSY: 'Another process is writing to it and did not finish in time: try again, or find it with fuser.',
  SQLITE_READONLY: 'Make the file and its directory writable for the user this runs as.',
  SQLITE_CANTOPEN: 'Make the file and its directory accessible to the user this runs as, or choose another data directory.',
  EACCES: 'Run as the user who owns the data directory, or choose another data directory.',
  EPERM: 'Run as the user who owns the data directory, or choose another data directory.',
  EROFS: 'Mount the data directory writable, or choose another data directory.',
  ENOSPC: 'Free space on its file system.',
  ENOTDIR: 'Choose a data directory whose parents are directories.',
  EEXIST: 'Choose a data directory, not a file.',
};

/** Says where and why; `error` is what SQLite or the file system threw. */
export function journalUnavailable(path: string, error: unknown): ConntrackError {
  const code = errnoOf(error);
  const remedy = REMEDIES[code ?? ''] ?? REMEDIES[/^SQLITE_[A-Z]+/.exec(code ?? '')?.[0] ?? ''];
  const reason = error instanceof Error ? error.message : String(error);
  return new ConntrackError(
    'JOURNAL_UNAVAILABLE',
    `The journal ${path} cannot be used: ${reason}${code === undefined ? '' : ` (${code})`}.`,
    {
      ...(code === undefined ? {} : { errno: code }),
      ...(remedy === undefined ? {} : { remedy }),
      cause: error,
    },
  );
}

/** The journal can be read but what it says cannot be accepted. */
export function journalRefused(path: string, reason: string, remedy: string): ConntrackError {
  return new ConntrackError('JOURNAL_UNAVAILABLE', `The journal ${path} cannot be used: ${reason}.`, { remedy });
}

/** Runs `action` on an open database; what SQLite refuses becomes `JOURNAL_UNAVAILABLE`, other errors pass. */
export function guarded<T>(database: SqliteDatabase.Database, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof SqliteDatabase.SqliteError || !database.open) throw journalUnavailable(database.name, error);
    throw error;
  }
}
