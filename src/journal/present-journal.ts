import type { JournalHead } from '../application/ports/journal.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import type { Token } from '../domain/token.ts';
import { hasJournal } from './aside.ts';
import { openDatabaseReadOnly } from './read-only.ts';
import { head } from './record/chain.ts';
import { storedTokens } from './tokens/stored-tokens.ts';

/** The journal in a data directory, as far as it can be read. */
export interface PresentJournal {
  readonly head: JournalHead | null;
  /** Absent if they cannot be read. */
  readonly tokens?: readonly Token[];
  /** Why it cannot be read. */
  readonly problem?: string;
}

/** @returns `undefined` if there is none */
export function presentJournal(dataDir: string): PresentJournal | undefined {
  if (!hasJournal(dataDir)) return undefined;
  try {
    const database = openDatabaseReadOnly(dataDir);
    try {
      return { head: head(database), tokens: storedTokens(database) };
    } finally {
      database.close();
    }
  } catch (error) {
    if (!(error instanceof ConntrackError)) throw error;
    return { head: null, problem: error.message };
  }
}
