import { setImmediate as afterOtherWork } from 'node:timers/promises';
import type { JournalHead, JournalVerification } from '../../application/ports/journal.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { Database } from '../file/database.ts';
import { derivedBreaks, type Break } from './derived-tables.ts';
import { breakBetween, GENESIS, headOn, type RecordRow } from './record.ts';

const PAGE = 500;

export function head(database: Database): JournalHead {
  return database.read(headOn);
}

/**
 * Recomputes every hash, and compares the tables that find changes with the records they are made from.
 *
 * A chain cannot tell that its tail was cut off or all of it rewritten: give the `anchor`, a head kept elsewhere, to find that too.
 *
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` when the database cannot be read.
 */
export function verifyChain(database: Database, anchor?: JournalHead): JournalVerification {
  const steps = verification(database, anchor);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** {@link verifyChain} in steps of a few milliseconds, between which the process does its other work. */
export async function verifyChainInSteps(database: Database, anchor?: JournalHead): Promise<JournalVerification> {
  const steps = verification(database, anchor);
  let step = steps.next();
  while (step.done !== true) {
    await afterOtherWork();
    step = steps.next();
  }
  return step.value;
}

/** Every record as a line of JSON (without its line feed), `content` as the very text that was hashed. May be left for a while and resumed. */
export function* exportRecords(database: Database): Generator<string, void, undefined> {
  for (const page of pages(database)) {
    for (const { sequence, kind, change_id, recorded_at, previous_hash, hash, content } of page) {
      yield canonicalJson({ sequence, kind, changeId: change_id, recordedAt: recorded_at, previousHash: previous_hash, hash, content });
    }
  }
}

/** Yields after each page. */
function* verification(database: Database, anchor: JournalHead | undefined): Generator<void, JournalVerification, undefined> {
  let last = GENESIS;
  for (const page of pages(database)) {
    for (const row of page) {
      const reason = breakBetween(last, row) ?? rewritten(row, anchor);
      if (reason !== undefined) return { records: last.sequence, head: last, broken: { sequence: row.sequence, reason } };
      last = { sequence: row.sequence, hash: row.hash };
    }
    yield;
  }
  let broken = cutOff(last, anchor);
  for (const found of broken ? [] : derivedBreaks(database)) {
    broken ??= found;
    if (broken) break;
    yield;
  }
  return { records: last.sequence, head: last, ...(broken ? { broken } : {}) };
}

/** In pages: an open iterator would refuse writes on this connection and keep the write-ahead log from being emptied. */
function* pages(database: Database): Generator<readonly RecordRow[], void, undefined> {
  const select = 'SELECT * FROM record WHERE sequence > ? ORDER BY sequence LIMIT ?';
  let page: readonly RecordRow[];
  let last = Number.MIN_SAFE_INTEGER;
  do {
    const after = last;
    page = database.read((connection) => connection.prepare<[number, number], RecordRow>(select).all(after, PAGE));
    yield page;
    last = page.at(-1)?.sequence ?? last;
  } while (page.length === PAGE);
}

function rewritten(row: RecordRow, anchor: JournalHead | undefined): string | undefined {
  if (row.sequence !== anchor?.sequence || row.hash === anchor.hash) return undefined;
  return 'its hash is not that of the anchor: the chain was rewritten';
}

function cutOff(last: JournalHead, anchor: JournalHead | undefined): Break | undefined {
  if (anchor === undefined || anchor.sequence <= last.sequence) return undefined;
  return {
    sequence: last.sequence + 1,
    reason: `the anchor names record ${anchor.sequence}: the records after ${last.sequence} were cut off`,
  };
}
