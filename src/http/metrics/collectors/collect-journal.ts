import type { JournalIntegrity } from '../../../application/change/journal-integrity.ts';
import type { Journal, JournalHead } from '../../../application/ports/journal.ts';
import type { Tokens } from '../../../application/ports/tokens.ts';
import { ConntrackError } from '../../../domain/conntrack-error.ts';
import { gauge, type Collected } from '../family.ts';

/** Whether changes can be recorded, as far as that can be determined without recording one. */
export function collectJournal(journal: Journal, integrity: JournalIntegrity, tokens: Tokens): Promise<Collected> {
  const head = readable(() => journal.head());
  const isIntact = readable(() => {
    integrity.requireIntact();
    return true;
  });
  const altered = readable(() => tokens.list().filter((token) => token.altered !== undefined).length);
  const isAvailable = head !== undefined && isIntact === true;
  return Promise.resolve({
    families: [
      gauge(
        'conntrack_api_journal_available',
        'Whether the journal can be read and its chain is not known to be broken (1) or not (0). If it is 0, every change is refused.',
        isAvailable ? 1 : 0,
      ),
      gauge('conntrack_api_journal_head_sequence', 'Sequence number of the newest journal record. It never decreases.', head?.sequence),
      gauge(
        'conntrack_api_tokens_altered',
        'Number of tokens whose stored row differs from its record, such as scopes written into the database. They are refused.',
        altered,
      ),
    ],
    isComplete: isAvailable,
  });
}

function readable<T extends JournalHead | boolean | number>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConntrackError && error.code === 'JOURNAL_UNAVAILABLE') return undefined;
    throw error;
  }
}
