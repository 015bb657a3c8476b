import type { Clock } from '../application/ports/clock.ts';
import type { Journal, JournalHead } from '../application/ports/journal.ts';
import type { Tokens } from '../application/ports/tokens.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import { openDatabase } from './open-database.ts';
import { ensureDataDirectory } from './file/data-directory.ts';
import { openDatabaseReadOnly } from './read-only.ts';
import { SqliteJournal } from './record/sqlite-journal.ts';
import { SqliteTokens } from './tokens/sqlite-tokens.ts';
import { UnavailableJournal } from './record/unavailable-journal.ts';
import { UnavailableTokens } from './tokens/unavailable-tokens.ts';

/** The journal and the tokens in a data directory. */
export interface Storage {
  readonly journal: Journal;
  readonly tokens: Tokens;
  close(): void;
}

type Recorded = (head: JournalHead) => void;

/** Nothing else runs while SQLite waits for a lock: callers retry instead (see `retryWhileLocked`). */
const WAITS = 0;
const FIRST_RETRY_MILLISECONDS = 1_000;
const LAST_RETRY_MILLISECONDS = 60_000;

/**
 * Opens a data directory. If the journal cannot be used, the service still starts: clients with a token that can be read can read the
 * kernel, and changes are refused with the reason. Nothing is recreated. Opening is retried on use, at intervals that grow from 1 s to 60 s; every
 * second while another process locks the file.
 *
 * @param recorded called with each new head
 */
export function openStorage(dataDir: string, clock: Clock, recorded: Recorded): Storage {
  try {
    return usable(dataDir, clock, recorded);
  } catch (error) {
    if (!(error instanceof ConntrackError)) throw error;
    return retrying(dataDir, clock, recorded, error);
  }
}

function usable(dataDir: string, clock: Clock, recorded: Recorded): Storage {
  const database = openDatabase(dataDir, WAITS);
  const tokens = new SqliteTokens(database, clock, recorded);
  return {
    journal: new SqliteJournal(database, { recorded }),
    tokens,
    close: () => {
      storeLastUses(tokens);
      database.close();
    },
  };
}

/** If the file cannot be written, the service must still stop. It then loses the last-used times of up to a minute. */
function storeLastUses(tokens: Tokens): void {
  try {
    tokens.storeUses();
  } catch (error) {
    if (!(error instanceof ConntrackError)) throw error;
  }
}

/** Delegates each call to the storage that is available at that time. */
function retrying(dataDir: string, clock: Clock, recorded: Recorded, reason: ConntrackError): Storage {
  let opened = unusable(dataDir, clock, reason);
  let retryAfter = FIRST_RETRY_MILLISECONDS;
  let notBefore = clock.bootMilliseconds() + retryAfter;
  let isUsable = false;
  const current = (): Storage => {
    if (isUsable || clock.bootMilliseconds() < notBefore) return opened;
    retryAfter = Math.min(2 * retryAfter, LAST_RETRY_MILLISECONDS);
    notBefore = clock.bootMilliseconds() + retryAfter;
    opened.close();
    try {
      opened = usable(dataDir, clock, recorded);
      isUsable = true;
    } catch (error) {
      if (!(error instanceof ConntrackError)) throw error;
      if (error.details.isLocked) {
        retryAfter = FIRST_RETRY_MILLISECONDS;
        notBefore = clock.bootMilliseconds() + retryAfter;
      }
      opened = unusable(dataDir, clock, error);
    }
    return opened;
  };
  return {
    journal: delegating(opened.journal, () => current().journal),
    tokens: delegating(opened.tokens, () => current().tokens),
    close: () => {
      opened.close();
    },
  };
}

function unusable(dataDir: string, clock: Clock, reason: ConntrackError): Storage {
  return { journal: new UnavailableJournal(reason), ...readableTokens(dataDir, clock, reason) };
}

function readableTokens(dataDir: string, clock: Clock, reason: ConntrackError): Pick<Storage, 'tokens' | 'close'> {
  try {
    // Its tokens are accepted, so it must not be the file of another user.
    ensureDataDirectory(dataDir);
    const database = openDatabaseReadOnly(dataDir, WAITS);
    const tokens = new SqliteTokens(database, clock);
    tokens.list();
    return {
      tokens,
      close: () => {
        database.close();
      },
    };
  } catch (error) {
    if (!(error instanceof ConntrackError)) throw error;
    return { tokens: new UnavailableTokens(reason), close: () => undefined };
  }
}

/** Delegates each call to the object that `current` returns at that time. */
function delegating<T extends object>(first: T, current: () => T): T {
  return new Proxy(first, {
    get: (_first, name) => {
      const target = current();
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}
