import type { JournalVerification } from '../../application/ports/journal.ts';
import type { Database } from '../file/database.ts';

export type Break = NonNullable<JournalVerification['broken']>;

const CHANGES_PER_STEP = 500;

const IN_RANGE = 'change_id > @above AND change_id <= @upTo';
const EXPECTED = `
  SELECT subject, change_id, alters FROM subject_of_intent WHERE ${IN_RANGE}
  UNION ALL SELECT NULL, change_id, NULL FROM record AS intent WHERE kind = 'intent' AND ${IN_RANGE}
    AND NOT EXISTS (SELECT 1 FROM record AS closing WHERE closing.kind = 'outcome' AND closing.change_id = intent.change_id)`;
const STORED = `
  SELECT subject, change_id, alters FROM change_subject WHERE ${IN_RANGE}
  UNION ALL SELECT NULL, change_id, NULL FROM open_change WHERE ${IN_RANGE}`;
const FIRST_DIFFERENCE = `
  WITH expected AS (${EXPECTED}), stored AS (${STORED}), different AS (
    SELECT change_id FROM (SELECT * FROM expected EXCEPT SELECT * FROM stored)
    UNION SELECT change_id FROM (SELECT * FROM stored EXCEPT SELECT * FROM expected)
  )
  SELECT different.change_id AS id, coalesce(intent.sequence, 0) AS sequence
  FROM different LEFT JOIN record AS intent ON intent.change_id = different.change_id AND intent.kind = 'intent'
  ORDER BY different.change_id LIMIT 1`;

const LAST_CHANGE = "SELECT coalesce(max(change_id), 0) FROM record WHERE kind = 'intent'";

/** Finds rows in `change_subject` and `open_change` that differ from the records. Checks 500 changes per step. */
export function* derivedBreaks(database: Database): Generator<Break | undefined, void, undefined> {
  const last = database.read((connection) => Number(connection.prepare(LAST_CHANGE).pluck().get()));
  let above = Number.MIN_SAFE_INTEGER;
  for (let upTo = 0; upTo < last; upTo += CHANGES_PER_STEP) {
    yield breakWithin(database, above, upTo);
    above = upTo;
  }
  yield breakWithin(database, above, Number.MAX_SAFE_INTEGER);
}

function breakWithin(database: Database, above: number, upTo: number): Break | undefined {
  const found = database.read((connection) =>
    connection.prepare<[object], { id: number; sequence: number }>(FIRST_DIFFERENCE).get({ above, upTo }),
  );
  if (!found) return undefined;
  return { sequence: found.sequence, reason: `the derived tables differ from the records of change ${found.id}` };
}
