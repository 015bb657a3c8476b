import { canonicalJson } from './canonical-json.ts';
import type { Database } from './database.ts';
import { guarded } from './journal-error.ts';
import { GENESIS, recordHash, type Head, type RecordRow } from './record.ts';

export { head, type Head } from './record.ts';

export interface Verification {
  /** Records found good. */
  readonly records: number;
  /** The last of them. */
  readonly head: Head;
  /** Where the chain breaks first; absent when all of it holds. */
  readonly broken?: Break;
}

export interface Break {
  readonly sequence: number;
  readonly reason: string;
}

const PAGE = 500;

/**
 * Recomputes every hash, and compares the tables that find changes with the records they are made from.
 *
 * A chain cannot tell that its tail was cut off or all of it rewritten: give the `anchor`, a head kept elsewhere, to find that too.
 *
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` when the database cannot be read.
 */
export function verifyChain(database: Database, anchor?: Head): Verification {
  let last = GENESIS;
  for (const row of records(database)) {
    const reason = breakBetween(last, row, anchor);
    if (reason !== undefined) return { records: last.sequence, head: last, broken: { sequence: row.sequence, reason } };
    last = { sequence: row.sequence, hash: row.hash };
  }
  const broken = cutOff(last, anchor) ?? derivedBreak(database);
  return { records: last.sequence, head: last, ...(broken ? { broken } : {}) };
}

/** Every record as a line of JSON (without its line feed), `content` as the very text that was hashed. May be left for a while and resumed. */
export function* exportRecords(database: Database): Generator<string, void, undefined> {
  for (const { sequence, kind, change_id, recorded_at, previous_hash, hash, content } of records(database)) {
    yield canonicalJson({ sequence, kind, changeId: change_id, recordedAt: recorded_at, previousHash: previous_hash, hash, content });
  }
}

/** In pages: an open iterator would refuse writes on this connection and keep the write-ahead log from being emptied. */
function* records(database: Database): Generator<RecordRow, void, undefined> {
  const after = database.prepare<[number, number], RecordRow>('SELECT * FROM record WHERE sequence > ? ORDER BY sequence LIMIT ?');
  let page: readonly RecordRow[];
  let last = Number.MIN_SAFE_INTEGER;
  do {
    page = guarded(database, () => after.all(last, PAGE));
    yield* page;
    last = page.at(-1)?.sequence ?? last;
  } while (page.length === PAGE);
}

function breakBetween(last: Head, row: RecordRow, anchor: Head | undefined): string | undefined {
  if (row.sequence !== last.sequence + 1) return `expected record ${last.sequence + 1} here: records were removed or put in`;
  if (row.previous_hash !== last.hash) return 'its previous hash is not the hash of the record before: one of the two was replaced';
  if (row.hash !== recordHash(row)) return 'its hash is not that of its content: it was altered';
  if (row.sequence === anchor?.sequence && row.hash !== anchor.hash) return 'its hash is not that of the anchor: the chain was rewritten';
  return undefined;
}

function cutOff(last: Head, anchor: Head | undefined): Break | undefined {
  if (anchor === undefined || anchor.sequence <= last.sequence) return undefined;
  return {
    sequence: last.sequence + 1,
    reason: `the anchor names record ${anchor.sequence}: the records after ${last.sequence} were cut off`,
  };
}

/** The first change whose rows in `change_subject` or `open_change` are not what its records say. */
function derivedBreak(database: Database): Break | undefined {
  const found = guarded(database, () => database.prepare<[], { id: number; sequence: number }>(DERIVED_DIFFERENCE).get());
  if (!found) return undefined;
  return { sequence: found.sequence, reason: `the tables that find changes do not agree with the records of change ${found.id}` };
}

const SAID = `
  SELECT subject, change_id, alters FROM subject_of_intent
  UNION ALL SELECT NULL, change_id, NULL FROM record WHERE kind = 'intent'
    AND change_id NOT IN (SELECT change_id FROM record WHERE kind = 'outcome')`;
const KEPT = `
  SELECT subject, change_id, alters FROM change_subject
  UNION ALL SELECT NULL, change_id, NULL FROM open_change`;
const DERIVED_DIFFERENCE = `
  WITH said AS (${SAID}), kept AS (${KEPT}), different AS (
    SELECT change_id FROM (SELECT * FROM said EXCEPT SELECT * FROM kept)
    UNION SELECT change_id FROM (SELECT * FROM kept EXCEPT SELECT * FROM said)
  )
  SELECT different.change_id AS id, coalesce(intent.sequence, 0) AS sequence
  FROM different LEFT JOIN record AS intent ON intent.change_id = different.change_id AND intent.kind = 'intent'
  ORDER BY different.change_id LIMIT 1`;
