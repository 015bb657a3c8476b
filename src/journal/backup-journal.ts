import { linkSync, lstatSync, mkdtempSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { AlteredToken, JournalHead } from '../application/ports/journal.ts';
import { ConntrackError, errnoOf } from '../domain/conntrack-error.ts';
import { COMMAND_WAITS_MILLISECONDS, readOnlyConnection } from './file/connection.ts';
import { isOwnName } from './file/data-directory.ts';
import { Database } from './file/database.ts';
import { fileNotWritten, journalRefused } from './file/journal-error.ts';
import { writeSnapshot } from './file/snapshot.ts';
import { syncDirectory } from './file/sync-directory.ts';
import { openDatabaseReadOnly } from './read-only.ts';
import { verifyChain } from './record/chain.ts';
import { refuseHalfRenewed } from './renewal.ts';
import { refuseHalfRestored } from './restoration.ts';

interface BackupRequest {
  readonly dataDir: string;
  /** The file to create. */
  readonly to: string;
  /** Replaces an existing file. */
  readonly force?: boolean | undefined;
}

interface Backup {
  readonly file: string;
  readonly head: JournalHead;
  /** Number of records; with archived changes, of those after the archive. */
  readonly records: number;
  readonly bytes: number;
  readonly alteredTokens: readonly AlteredToken[];
}

/**
 * Copies the journal with its tokens, as it is at one moment, to a file (0600) beside which a service can record changes. The copy is verified before
 * it gets its name. If the process is killed, at most a directory beside the file remains.
 *
 * @throws ConntrackError `INVALID_REQUEST` if the file exists or may not be replaced; `JOURNAL_UNAVAILABLE` if the journal is broken or the file
 *   cannot be written
 */
export function backUpJournal({ dataDir, to, force = false }: BackupRequest): Backup {
  const file = resolve(to);
  refuseHalfRenewed(dataDir);
  refuseHalfRestored(dataDir);
  const source = openDatabaseReadOnly(dataDir);
  try {
    refuseTarget(dataDir, file, force);
    return copy(source, file, force);
  } catch (error) {
    throw errnoOf(error) === 'EEXIST' ? exists(file) : fileNotWritten(file, error);
  } finally {
    source.close();
  }
}

function copy(source: Database, file: string, force: boolean): Backup {
  const directory = mkdtempSync(join(dirname(file), `.${basename(file)}.new-`));
  try {
    const draft = join(directory, 'journal');
    writeSnapshot(source, draft);
    const { records, head, broken, alteredTokens = [] } = verifyCopy(draft);
    if (broken) throw journalRefused(source.path, `record ${broken.sequence} is broken: ${broken.reason}. No backup was written`);
    if (force) renameSync(draft, file);
    else linkSync(draft, file);
    syncDirectory(dirname(file));
    return { file, head, records, bytes: statSync(file).size, alteredTokens };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function verifyCopy(draft: string): ReturnType<typeof verifyChain> {
  const connect = () => readOnlyConnection(draft, COMMAND_WAITS_MILLISECONDS);
  const database = new Database(draft, connect(), connect);
  try {
    return verifyChain(database);
  } finally {
    database.close();
  }
}

/** Never replaces the journal itself, nor anything but a regular file: a link may lead anywhere. */
function refuseTarget(dataDir: string, file: string, force: boolean): void {
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (stats && !stats.isFile()) throw notReplaced(file, 'it is not a regular file', 'Choose another file.');
  if (stats && !force) throw exists(file);
  if (isOwnName(basename(file)) && real(dirname(file)) === real(dataDir)) {
    throw notReplaced(file, 'the service uses this name in its data directory', 'Choose another name.');
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function exists(file: string): ConntrackError {
  return notReplaced(file, 'it exists', 'Choose another name, or add --force to replace it.');
}

function notReplaced(file: string, why: string, remedy: string): ConntrackError {
  return new ConntrackError('INVALID_REQUEST', `The backup is not written to ${file}: ${why}.`, { remedy });
}
