import { closeSync, fsyncSync, openSync } from 'node:fs';
import type { Database } from './database.ts';
import { fileNotWritten, isSqliteError, primaryCode } from './journal-error.ts';

/** Errors of reading the source. Others are errors of writing the copy. */
const OF_SOURCE = ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_BUSY', 'SQLITE_PROTOCOL'];

/**
 * Copies the database, as it is at one moment, to a new file (0600) that is durable on return. Other processes can write to the database
 * meanwhile.
 *
 * @param path in a directory that only this process uses
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` with the path that could not be read or written
 */
export function writeSnapshot(database: Database, path: string): void {
  closeSync(openSync(path, 'wx', 0o600));
  database.read((connection) => {
    try {
      connection.prepare('VACUUM INTO ?').run(path);
    } catch (error) {
      if (isSqliteError(error) && !OF_SOURCE.includes(primaryCode(error.code))) throw fileNotWritten(path, error);
      throw error;
    }
  });
  syncFile(path);
}

/** To be called only if no connection of this process uses the file: closing it drops their locks. */
export function syncFile(path: string): void {
  const descriptor = openSync(path, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
