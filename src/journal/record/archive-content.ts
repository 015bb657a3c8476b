import type { ArchivedChanges, JournalHead } from '../../application/ports/journal.ts';
import type { Administrator } from '../../application/ports/tokens.ts';
import { CHANGE_KINDS, OUTCOME_NAMES } from '../../domain/change.ts';
import type { Connection } from '../file/connection.ts';
import { journalRefused } from '../file/journal-error.ts';
import { GENESIS, recordContent, type Draft, type RecordRow } from './record.ts';
import { StoredObject, storedTime } from './stored-object.ts';

/** What a record of kind `archive` contains. */
export interface Archive extends Omit<ArchivedChanges, 'at'> {
  readonly by: Administrator;
  /** Number of records in the file. */
  readonly records: number;
  /** Older records that stay in the database. */
  readonly kept: readonly JournalHead[];
}

export type RecordedArchive = Archive & Pick<ArchivedChanges, 'at'>;

export function archiveDraft({ through, change, file, sha256, counts, records, kept, by: { actor } }: Archive, at: Date): Draft {
  const content = recordContent({
    through: { ...through, change },
    file,
    sha256,
    records,
    actor: { tokenId: actor.tokenId, name: actor.name, peer: actor.peer },
    kept: kept.map(({ sequence, hash }) => ({ sequence, hash })),
    counts: counts.map(({ kind, outcome, changes }) => ({ kind, outcome, changes })),
  });
  return { kind: 'archive', changeId: 0, at, content };
}

/**
 * The newest archive, if any.
 *
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` if its record cannot be parsed
 */
export function lastArchive(connection: Connection): RecordedArchive | undefined {
  const row = connection.prepare<[], RecordRow>("SELECT * FROM record WHERE kind = 'archive' ORDER BY sequence DESC LIMIT 1").get();
  if (!row) return undefined;
  try {
    return decodeArchive(row);
  } catch (error) {
    throw journalRefused(
      connection.name,
      `record ${row.sequence} cannot be parsed: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** The head from which the records in the database continue: of the newest archive, or before the first record. */
export function chainStart(connection: Connection): JournalHead {
  return lastArchive(connection)?.through ?? GENESIS;
}

function decodeArchive({ recorded_at, content }: RecordRow): RecordedArchive {
  const stored = new StoredObject(JSON.parse(content));
  const through = stored.object('through');
  const actor = stored.object('actor');
  return {
    through: through.head(),
    change: through.integer('change'),
    file: stored.text('file'),
    sha256: stored.text('sha256'),
    records: stored.integer('records'),
    at: storedTime(recorded_at),
    by: { actor: { tokenId: actor.text('tokenId'), name: actor.text('name'), peer: actor.text('peer') }, requestId: null },
    kept: stored.list('kept').map((kept) => kept.head()),
    counts: stored.list('counts').map((count) => ({
      kind: count.oneOf('kind', CHANGE_KINDS),
      outcome: count.oneOf('outcome', OUTCOME_NAMES),
      changes: count.integer('changes'),
    })),
  };
}
