import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalHead } from '../application/ports/journal.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import { head, verifyChain } from './record/chain.ts';
import { DATABASE_FILE } from './file/database.ts';
import { openDatabase, openHalfRenewed } from './open-database.ts';
import { journalUnavailable, primaryCode } from './file/journal-error.ts';
import { acquireServiceLock } from './file/journal-lock.ts';
import { openDatabaseReadOnly } from './read-only.ts';
import { following, GENESIS, headOn, INSERT_RECORD, recordContent } from './record/record.ts';
import { endRenewal, interruptedRenewal, noteRenewal, type Renewal } from './renewal.ts';

export interface NewJournal extends Renewal {
  /** Of the new journal: its origin. */
  readonly head: JournalHead;
}

/** What a new file cures. Anything else that SQLite or the file system says is about the place and not the file. */
const CURABLE = ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_IOERR'];

/** The log after its database: left behind alone it is refused, while a database without its log opens and lacks its last records. */
const FILES = ['', '-wal', '-shm'];

/**
 * Moves a journal that cannot be used aside and starts a new one, whose first record (kind `origin`) names the old file, its head and
 * what was wrong. Tokens do not come along: who can break a journal can add tokens to it. Killed at any point, repeating it goes on.
 *
 * @throws ConntrackError `INVALID_REQUEST` where the journal is sound or there is none; `JOURNAL_UNAVAILABLE` where a service runs on the
 *   data directory or a new journal would not help.
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
  const path = join(dataDir, DATABASE_FILE);
  if (!FILES.some((suffix) => existsSync(path + suffix))) throw nothingToRenew(`There is no journal in ${dataDir}.`);
  const renewal = {
    previousFile: `${DATABASE_FILE}.aside-${now.toISOString().replaceAll(':', '')}`,
    reason: whatIsWrong(dataDir),
    previousHead: readableHead(dataDir),
  };
  noteRenewal(dataDir, renewal);
  return renewal;
}

function whatIsWrong(dataDir: string): string {
  try {
    const database = openDatabase(dataDir);
    try {
      const { broken } = verifyChain(database);
      if (broken) return `record ${broken.sequence}: ${broken.reason}`;
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof ConntrackError && isCurable(error)) return error.message;
    throw error;
  }
  throw nothingToRenew(`The journal in ${dataDir} is sound.`);
}

function isCurable({ details: { errno } }: ConntrackError): boolean {
  return errno === undefined || CURABLE.includes(primaryCode(errno));
}

function nothingToRenew(why: string): ConntrackError {
  return new ConntrackError('INVALID_REQUEST', `${why} There is nothing to renew.`);
}

function readableHead(dataDir: string): JournalHead | null {
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

/** A file at the old place while one is set aside is the new journal: it is made only after all have been moved. */
function moveAside(dataDir: string, name: string): void {
  const path = join(dataDir, DATABASE_FILE);
  const aside = join(dataDir, name);
  if (existsSync(path) && FILES.some((suffix) => existsSync(aside + suffix))) return;
  for (const suffix of FILES) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
}

function recordOrigin(dataDir: string, { previousFile, previousHead, reason }: Renewal, at: Date): JournalHead {
  const content = recordContent({ previousFile, previousHead: previousHead && { ...previousHead }, reason });
  const database = openHalfRenewed(dataDir);
  try {
    return database.write((connection) => {
      const recorded = headOn(connection);
      if (recorded.sequence > 0) return recorded;
      const { sequence, hash, ...row } = following(GENESIS, { kind: 'origin', changeId: 0, at, content });
      connection.prepare(INSERT_RECORD).run({ ...row, sequence, hash });
      return { sequence, hash };
    });
  } finally {
    database.close();
  }
}
