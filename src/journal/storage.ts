import type { Clock } from '../application/ports/clock.ts';
import type { Journal, JournalHead } from '../application/ports/journal.ts';
import type { Tokens } from '../application/ports/tokens.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import { openDatabase } from './database.ts';
import { openDatabaseReadOnly } from './read-only.ts';
import { SqliteJournal } from './sqlite-journal.ts';
import { SqliteTokens } from './sqlite-tokens.ts';
import { UnavailableJournal } from './unavailable-journal.ts';
import { UnavailableTokens } from './unavailable-tokens.ts';

/** What a data directory holds for the service. */
export interface Storage {
  readonly journal: Journal;
  readonly tokens: Tokens;
  close(): void;
}

/**
 * Opens a data directory. A journal that cannot be used does not keep the service from starting: the kernel can still be read by whoever
 * has a token that can still be read, changes are refused with the reason, and nothing is made anew. `recorded` is told of each new head.
 */
export function openStorage(dataDir: string, clock: Clock, recorded: (head: JournalHead) => void): Storage {
  try {
    const database = openDatabase(dataDir);
    return {
      journal: new SqliteJournal(database, { recorded }),
      tokens: new SqliteTokens(database, clock),
      close: () => {
        database.close();
      },
    };
  } catch (error) {
    if (!(error instanceof ConntrackError)) throw error;
    return { journal: new UnavailableJournal(error), ...readableTokens(dataDir, clock, error) };
  }
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
