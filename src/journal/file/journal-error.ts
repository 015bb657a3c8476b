import SqliteDatabase from 'better-sqlite3';
import { ConntrackError, errnoOf } from '../../domain/conntrack-error.ts';

const BROKEN =
  'Keep the file as evidence. Stop the service and restore a backup, or run "conntrack-api journal renew", which renames the file and ' +
  'starts a new journal that refers to it. The journal is never recreated automatically.';

/** By SQLite's primary result code or errno. Other errors have no remedy. */
const REMEDIES: Readonly<Record<string, string>> = {
  SQLITE_CORRUPT: BROKEN,
  SQLITE_NOTADB: BROKEN,
  SQLITE_FULL: 'Free space on its file system.',
  SQLITE_IOERR: 'Check the file system and its disk (dmesg).',
  SQLITE_BUSY: 'Another process is writing to it and did not finish in time. Try again, or find the process with fuser.',
  SQLITE_PROTOCOL: 'Its locks were not released in time. Try again, or find the processes that use it with fuser.',
  SQLITE_READONLY: 'Make the file and its directory writable for the user of this process.',
  SQLITE_CANTOPEN: 'Make the file and its directory accessible to the user of this process, or choose another data directory.',
  EACCES: 'Run as the user that owns the data directory, or choose another data directory.',
  EPERM: 'Run as the user that owns the data directory, or choose another data directory.',
  EROFS: 'Mount the data directory writable, or choose another data directory.',
  ENOSPC: 'Free space on its file system.',
  ENOENT: 'Specify the path of a journal or of its data directory.',
  ENOTDIR: 'Choose a data directory whose parents are directories.',
  EEXIST: 'Choose a data directory, not a file.',
};

/** Adds path and remedy to an error of SQLite or of the file system. Returns a ConntrackError unchanged. */
export function journalUnavailable(path: string, error: unknown): ConntrackError {
  if (error instanceof ConntrackError) return error;
  const code = errnoOf(error);
  const remedy = REMEDIES[code ?? ''] ?? REMEDIES[primaryCode(code)];
  const reason = error instanceof Error ? error.message : String(error);
  return new ConntrackError(
    'JOURNAL_UNAVAILABLE',
    `The journal ${path} cannot be used: ${reason}${code === undefined ? '' : ` (${code})`}.`,
    {
      ...(code === undefined ? {} : { errno: code }),
      ...(remedy === undefined ? {} : { remedy }),
      ...(isLocked(error) && { isLocked: true }),
      cause: error,
    },
  );
}

/** For a file that is to be created. Returns a ConntrackError unchanged. */
export function fileNotWritten(path: string, error: unknown): ConntrackError {
  if (error instanceof ConntrackError) return error;
  const code = errnoOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  return new ConntrackError('JOURNAL_UNAVAILABLE', `${path} cannot be written: ${reason}${code === undefined ? '' : ` (${code})`}.`, {
    ...(code !== undefined && { errno: code }),
    remedy:
      code === 'ENOSPC' || primaryCode(code) === 'SQLITE_FULL'
        ? 'Free space on its file system, or choose another one.'
        : 'Choose a directory that exists and that the user of this process can write.',
    cause: error,
  });
}

/** For a file that this service does not accept as a journal. */
export function journalRefused(path: string, reason: string, remedy = BROKEN): ConntrackError {
  return new ConntrackError('JOURNAL_UNAVAILABLE', `The journal ${path} cannot be used: ${reason}.`, { remedy });
}

export function isSqliteError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof SqliteDatabase.SqliteError;
}

/** Whether another process holds a lock on the database. */
export function isLocked(error: unknown): boolean {
  return primaryCode(errnoOf(error)) === 'SQLITE_BUSY';
}

/** `SQLITE_IOERR` for `SQLITE_IOERR_FSYNC`. */
export function primaryCode(code: string | undefined): string {
  return /^SQLITE_[A-Z]+/.exec(code ?? '')?.[0] ?? '';
}
