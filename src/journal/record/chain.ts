import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import type { JournalHead, JournalVerification } from '../../application/ports/journal.ts';
import type { Database } from '../file/database.ts';
import { lastArchive, type RecordedArchive } from './archive-content.ts';
import { archivedError } from '../../domain/archived-error.ts';
import { derivedBreaks, type Break } from './derived-tables.ts';
import { KeptRecords } from './kept-records.ts';
import { breakBetween, GENESIS, headOn, type RecordRow } from './record.ts';
import { RecordReader } from './record-reader.ts';
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

/** Every record after the archive, up to the present head, as a line of JSON without its line feed. `content` is the exact text that was hashed. */
export function* exportRecords(database: Database): Generator<string, void, undefined> {
  const reader = new RecordReader(database);
  for (let lines = reader.next(); lines.length > 0; lines = reader.next()) yield* lines;
}

/** Yields after each page. */
function* verification(database: Database, anchor: JournalHead | undefined): Generator<void, JournalVerification, undefined> {
  const found = yield* steadyVerification(database, anchor);
  const altered = alteredTokens(database);
  return altered.length === 0 ? found : { ...found, alteredTokens: altered };
}

/** Verifies again if records were archived meanwhile: they are then missing where the first pass expected them. */
function* steadyVerification(database: Database, anchor: JournalHead | undefined): Generator<void, JournalVerification, undefined> {
  for (;;) {
    const archive = database.read(lastArchive);
    const found = yield* recordVerification(database, archive, anchor);
    if (!found.broken || database.read(lastArchive)?.through.sequence === archive?.through.sequence) return found;
  }
}

function* recordVerification(
  database: Database,
  archive: RecordedArchive | undefined,
  anchor: JournalHead | undefined,
): Generator<void, JournalVerification, undefined> {
  const start = archive?.through ?? GENESIS;
  if (anchor && archive && anchor.sequence < start.sequence) throw archivedError(`Record ${anchor.sequence}`, archive);
  const kept = archive && new KeptRecords(archive);
  let last = start;
  const result = (broken: Break | undefined): JournalVerification => ({
    records: last.sequence - start.sequence,
    head: last,
    ...(archive && { archived: archive }),
    ...(broken && { broken }),
  });
  for (const page of pages(database, Number.MIN_SAFE_INTEGER)) {
    for (const row of page) {
      if (kept && row.sequence <= start.sequence) {
        const broken = kept.check(row);
        if (broken) return result(broken);
        continue;
      }
      const reason = breakBetween(last, row) ?? anchorMismatch(row, anchor);
      if (reason !== undefined) return result({ sequence: row.sequence, reason });
      last = { sequence: row.sequence, hash: row.hash };
    }
    yield;
  }
  let broken = kept?.finish() ?? missingTail(last, anchor) ?? otherStart(start, anchor);
  for (const found of broken ? [] : derivedBreaks(database)) {
    broken ??= found;
    if (broken) break;
    yield;
  }
  return result(broken);
}

/** Reads pages, because an open iterator would block writes on this connection and keep the write-ahead log from being truncated. */
function* pages(database: Database, from: number): Generator<readonly RecordRow[], void, undefined> {
  const select = 'SELECT * FROM record WHERE sequence > ? ORDER BY sequence LIMIT ?';
  let page: readonly RecordRow[];
  let last = from;
  do {
    const after = last;
    page = database.read((connection) => connection.prepare<[number, number], RecordRow>(select).all(after, PAGE));
    yield page;
    last = page.at(-1)?.sequence ?? last;
  } while (page.length === PAGE);
}

function otherStart(start: JournalHead, anchor: JournalHead | undefined): Break | undefined {
  if (start.sequence === 0 || anchor?.sequence !== start.sequence || anchor.hash === start.hash) return undefined;
  return { sequence: start.sequence, reason: 'the archive ends with another record than the anchor: the chain was rewritten' };
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
