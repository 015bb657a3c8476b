import type { Clock } from '../application/ports/clock.ts';
import type { Journal, JournalHead } from '../application/ports/journal.ts';
import type { Tokens } from '../application/ports/tokens.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import { openDatabase } from './open-database.ts';
import { openDatabaseReadOnly } from './read-only.ts';
import { SqliteJournal } from './record/sqlite-journal.ts';
import { SqliteTokens } from './tokens/sqlite-tokens.ts';
import { UnavailableJournal } from './record/unavailable-journal.ts';
import { UnavailableTokens } from './tokens/unavailable-tokens.ts';

/** What a data directory holds for the service. */
export interface Storage {
  readonly journal: Journal;
  readonly tokens: Tokens;
  close(): void;
}

type Recorded = (head: JournalHead) => void;

const FIRST_RETRY_MILLISECONDS = 1_000;
const LAST_RETRY_MILLISECONDS = 60_000;

/**
 * Opens a data directory. A journal that cannot be used does not keep the service from starting: the kernel can still be read by whoever
 * has a token that can still be read, changes are refused with the reason, nothing is made anew, and opening it is tried again when it is
 * asked for, ever more seldom. `recorded` is told of each new head.
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
  const database = openDatabase(dataDir);
  const tokens = new SqliteTokens(database, clock);
  return {
    journal: new SqliteJournal(database, { recorded }),
    tokens,
    close: () => {
      storeLastUses(tokens);
      database.close();
    },
  };
}

/** A file that cannot be written must not keep the service from ending: a minute of when tokens were used is lost then. */
function storeLastUses(tokens: Tokens): void {
  try {
    tokens.storeUses();
  } catch (error) {
    if (!(error instanceof ConntrackError)) throw error;
  }
}

/** Stands for whichever storage can be had at the moment of each call. */
function retrying(dataDir: string, clock: Clock, recorded: Recorded, reason: ConntrackError): Storage {
  let now = unusable(dataDir, clock, reason);
  let pause = FIRST_RETRY_MILLISECONDS;
  let notBefore = clock.bootMilliseconds() + pause;
  let isUsable = false;
  const current = (): Storage => {
    if (isUsable || clock.bootMilliseconds() < notBefore) return now;
    pause = Math.min(2 * pause, LAST_RETRY_MILLISECONDS);
    notBefore = clock.bootMilliseconds() + pause;
    now.close();
    try {
      now = usable(dataDir, clock, recorded);
      isUsable = true;
    } catch (error) {
      if (!(error instanceof ConntrackError)) throw error;
      now = unusable(dataDir, clock, error);
    }
    return now;
  };
  return {
    journal: standIn(now.journal, () => current().journal),
    tokens: standIn(now.tokens, () => current().tokens),
    close: () => {
      now.close();
    },
  };
}

function unusable(dataDir: string, clock: Clock, reason: ConntrackError): Storage {
  return { journal: new UnavailableJournal(reason), ...readableTokens(dataDir, clock, reason) };
}

function readableTokens(dataDir: string, clock: Clock, reason: ConntrackError): Pick<Storage, 'tokens' | 'close'> {
  try {
    const database = openDatabaseReadOnly(dataDir);
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

/** Hands each call to the object that is in place when it is made. */
function standIn<T extends object>(first: T, inPlace: () => T): T {
  return new Proxy(first, {
    get: (_first, name) => {
      const target = inPlace();
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}
