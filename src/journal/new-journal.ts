import type { JournalHead } from '../application/ports/journal.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import { asideName, hasJournal, moveAside } from './aside.ts';
import { head, verifyChain } from './record/chain.ts';
import { openDatabase, openHalfRenewed } from './open-database.ts';
import { journalUnavailable, primaryCode } from './file/journal-error.ts';
import { acquireServiceLock } from './file/journal-lock.ts';
import { openDatabaseReadOnly } from './read-only.ts';
import { appendRecord, headOn, recordContent } from './record/record.ts';
import { refuseHalfRestored } from './restoration.ts';
import { endRenewal, interruptedRenewal, saveRenewal, type Renewal } from './renewal.ts';

export interface NewJournal extends Renewal {
  /** Of the new journal: its origin record. */
  readonly head: JournalHead;
}

/** SQLite errors that a new file solves. Other errors are caused by the file system or the directory, not by the file. */
const SOLVED_BY_NEW_FILE = ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_IOERR'];

/**
 * Renames a journal that cannot be used and starts a new one. The first record of the new journal (kind `origin`) names the old file, its
 * head and the problem. Tokens are not copied, because anyone able to damage the journal could also add tokens to it. If the process is
 * killed at any point, running it again continues.
 *
 * @throws ConntrackError `INVALID_REQUEST` if the journal is intact or does not exist; `JOURNAL_UNAVAILABLE` if a service uses the data
 *   directory or a new journal would not solve the problem
 */
export function startNewJournal(dataDir: string, now: Date): NewJournal {
  const lock = acquireServiceLock(dataDir, { pid: process.pid, startedAt: now });
  try {
    const renewal = interruptedRenewal(dataDir) ?? begin(dataDir, now);
    moveAside(dataDir, renewal.previousFile);
    const origin = recordOrigin(dataDir, renewal, now);
    endRenewal(dataDir);
    return { ...renewal, head: origin };
  } catch (error) {
    throw journalUnavailable(dataDir, error);
  } finally {
    lock.release();
  }
}

function begin(dataDir: string, now: Date): Renewal {
  refuseHalfRestored(dataDir);
  if (!hasJournal(dataDir)) throw nothingToRenew(`There is no journal in ${dataDir}.`);
  const renewal = {
    previousFile: asideName(dataDir, now),
    reason: findProblem(dataDir),
    previousHead: headIfReadable(dataDir),
  };
  saveRenewal(dataDir, renewal);
  return renewal;
}

function findProblem(dataDir: string): string {
  try {
    const database = openDatabase(dataDir);
    try {
      const { broken } = verifyChain(database);
      if (broken) return `record ${broken.sequence}: ${broken.reason}`;
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof ConntrackError && isSolvedByNewFile(error)) return error.message;
    throw error;
  }
  throw nothingToRenew(`The journal in ${dataDir} is intact.`);
}

function isSolvedByNewFile({ details: { errno } }: ConntrackError): boolean {
  return errno === undefined || SOLVED_BY_NEW_FILE.includes(primaryCode(errno));
}

function nothingToRenew(why: string): ConntrackError {
  return new ConntrackError('INVALID_REQUEST', `${why} There is nothing to renew.`);
}

function headIfReadable(dataDir: string): JournalHead | null {
  try {
    const database = openDatabaseReadOnly(dataDir);
    try {
      return head(database);
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof ConntrackError) return null;
    throw error;
  }
}

function recordOrigin(dataDir: string, { previousFile, previousHead, reason }: Renewal, at: Date): JournalHead {
  const content = recordContent({ previousFile, previousHead: previousHead && { ...previousHead }, reason });
  const database = openHalfRenewed(dataDir);
  try {
    return database.write((connection) => {
      const recorded = headOn(connection);
      if (recorded.sequence > 0) return recorded;
      const { sequence, hash } = appendRecord(connection, { kind: 'origin', changeId: 0, at, content });
      return { sequence, hash };
    });
  } finally {
    database.close();
  }
}
