import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import type { JournalHead, JournalVerification } from '../../application/ports/journal.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { Database } from '../file/database.ts';
import { derivedBreaks, type Break } from './derived-tables.ts';
import { breakBetween, GENESIS, headOn, type RecordRow } from './record.ts';
import { alteredTokens } from './token-check.ts';

const PAGE = 500;

export function head(database: Database): JournalHead {
  return database.read(headOn);
}

/**
 * Recomputes every hash, and compares the derived tables and the tokens with the records.
 *
 * A chain alone does not show that its tail was removed or that it was rewritten completely.
 *
 * @param anchor a head that was stored elsewhere: with it, a removed tail or a rewritten chain is found too
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` if the database cannot be read
 */
export function verifyChain(database: Database, anchor?: JournalHead): JournalVerification {
  const steps = verification(database, anchor);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** {@link verifyChain} in steps of a few milliseconds, between which the event loop runs. */
export async function verifyChainInSteps(database: Database, anchor?: JournalHead): Promise<JournalVerification> {
  const steps = verification(database, anchor);
  let step = steps.next();
  while (step.done !== true) {
    await yieldToEventLoop();
    step = steps.next();
  }
  return step.value;
}

/** Every record as a line of JSON without its line feed. `content` is the exact text that was hashed. Reading may pause between lines. */
export function* exportRecords(database: Database): Generator<string, void, undefined> {
  for (const page of pages(database)) {
    for (const { sequence, kind, change_id, recorded_at, previous_hash, hash, content } of page) {
      yield canonicalJson({ sequence, kind, changeId: change_id, recordedAt: recorded_at, previousHash: previous_hash, hash, content });
    }
  }
}

/** Yields after each page. */
function* verification(database: Database, anchor: JournalHead | undefined): Generator<void, JournalVerification, undefined> {
  const found = yield* recordVerification(database, anchor);
  const altered = alteredTokens(database);
  return altered.length === 0 ? found : { ...found, alteredTokens: altered };
}

function* recordVerification(database: Database, anchor: JournalHead | undefined): Generator<void, JournalVerification, undefined> {
  let last = GENESIS;
  for (const page of pages(database)) {
    for (const row of page) {
      const reason = breakBetween(last, row) ?? anchorMismatch(row, anchor);
      if (reason !== undefined) return { records: last.sequence, head: last, broken: { sequence: row.sequence, reason } };
      last = { sequence: row.sequence, hash: row.hash };
    }
    yield;
  }
  let broken = missingTail(last, anchor);
  for (const found of broken ? [] : derivedBreaks(database)) {
    broken ??= found;
    if (broken) break;
    yield;
  }
  return { records: last.sequence, head: last, ...(broken ? { broken } : {}) };
}

/** Reads pages, because an open iterator would block writes on this connection and keep the write-ahead log from being truncated. */
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

function anchorMismatch(row: RecordRow, anchor: JournalHead | undefined): string | undefined {
  if (row.sequence !== anchor?.sequence || row.hash === anchor.hash) return undefined;
  return 'its hash differs from the anchor: the chain was rewritten';
}

function missingTail(last: JournalHead, anchor: JournalHead | undefined): Break | undefined {
  if (anchor === undefined || anchor.sequence <= last.sequence) return undefined;
  return {
    sequence: last.sequence + 1,
    reason: `the anchor is record ${anchor.sequence}: the records after ${last.sequence} were removed`,
  };
}
