import SqliteDatabase from 'better-sqlite3';
import { ConntrackError, errnoOf } from '../../domain/conntrack-error.ts';

const BROKEN =
  'Keep the file as evidence. Stop the service and restore a backup, or run "conntrack-api journal renew", which moves the file aside and ' +
  'starts a new journal that names it. It is never recreated by itself.';

/** By SQLite's primary result code or errno; anything else gets no advice rather than wrong advice. */
const REMEDIES: Readonly<Record<string, string>> = {
  SQLITE_CORRUPT: BROKEN,
  SQLITE_NOTADB: BROKEN,
  SQLITE_FULL: 'Free space on its file system.',
  SQLITE_IOERR: 'Check the file system and the disk below it (dmesg).',
  SQLITE_BUSY: 'Another process is writing to it and did not finish in time: try again, or find it with fuser.',
  SQLITE_PROTOCOL: 'Its locks did not become free in time: try again, or find who else has it open with fuser.',
  SQLITE_READONLY: 'Make the file and its directory writable for the user this runs as.',
  SQLITE_CANTOPEN: 'Make the file and its directory accessible to the user this runs as, or choose another data directory.',
  EACCES: 'Run as the user who owns the data directory, or choose another data directory.',
  EPERM: 'Run as the user who owns the data directory, or choose another data directory.',
  EROFS: 'Mount the data directory writable, or choose another data directory.',
  ENOSPC: 'Free space on its file system.',
  ENOENT: 'Give the path of a journal or of its data directory.',
  ENOTDIR: 'Choose a data directory whose parents are directories.',
  EEXIST: 'Choose a data directory, not a file.',
};

/** Says where and why; `error` is what SQLite or the file system threw. A ConntrackError says so already. */
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
      cause: error,
    },
  );
}

/** What the journal says cannot be accepted. */
export function journalRefused(path: string, reason: string, remedy = BROKEN): ConntrackError {
  return new ConntrackError('JOURNAL_UNAVAILABLE', `The journal ${path} cannot be used: ${reason}.`, { remedy });
}

export function isSqliteError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof SqliteDatabase.SqliteError;
}

/** `SQLITE_IOERR` of `SQLITE_IOERR_FSYNC`. */
export function primaryCode(code: string | undefined): string {
  return /^SQLITE_[A-Z]+/.exec(code ?? '')?.[0] ?? '';
}
