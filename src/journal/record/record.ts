import { createHash } from 'node:crypto';
import type { JournalHead } from '../../application/ports/journal.ts';
import { canonicalJson, type Json } from '../../domain/canonical-json.ts';
import type { Connection } from '../file/connection.ts';

/** `origin`: the first record of a journal that replaces one that was renamed. `token`: a token was created, rotated or revoked. `archive`: older records were moved to a file. `restore`: the journal was restored from a backup. `guard`: the capacity guard was configured. `desired`: the desired state was. */
type RecordKind = 'intent' | 'outcome' | 'origin' | 'token' | 'archive' | 'restore' | 'guard' | 'desired';

export interface RecordRow {
  readonly sequence: number;
  readonly kind: string;
  /** 0 for a record that does not belong to a change. */
  readonly change_id: number;
  readonly recorded_at: string;
  readonly previous_hash: string;
  readonly hash: string;
  readonly content: string;
}

/** The next record without its position in the chain. */
export interface Draft {
  readonly kind: RecordKind;
  readonly changeId: number;
  readonly at: Date;
  readonly content: string;
}

/**
 * The content of a record: canonical JSON with integers only, so that any JSON parser reads back the exact values.
 *
 * @throws RangeError for a number that is not a safe integer
 */
export function recordContent(content: Json): string {
  requireIntegers(content);
  return canonicalJson(content);
}

function requireIntegers(value: Json): void {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new RangeError(`A record contains integers only: found ${value}`);
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(requireIntegers);
}

/** The head before the first record. */
export const GENESIS: JournalHead = { sequence: 0, hash: '0'.repeat(64) };

const HEAD = 'SELECT sequence, hash FROM record ORDER BY sequence DESC LIMIT 1';

export const INSERT_RECORD = `
  INSERT INTO record (sequence, kind, change_id, recorded_at, previous_hash, hash, content)
  VALUES (@sequence, @kind, @change_id, @recorded_at, @previous_hash, @hash, @content)`;

/**
 * SHA-256, in lower-case hexadecimal, of seven lines in UTF-8, joined by line feeds without one at the end: `conntrack-api record 1`, then
 * sequence, kind, change id, time, previous hash and content as stored. Only the content, which comes last, can contain a line feed.
 */
export function recordHash(row: Omit<RecordRow, 'hash'>): string {
  const lines = ['conntrack-api record 1', row.sequence, row.kind, row.change_id, row.recorded_at, row.previous_hash, row.content];
  return createHash('sha256').update(lines.join('\n'), 'utf8').digest('hex');
}

export function following(previous: JournalHead, { kind, changeId, at, content }: Draft): RecordRow {
  const row = {
    sequence: previous.sequence + 1,
    kind,
    change_id: changeId,
    recorded_at: at.toISOString(),
    previous_hash: previous.hash,
    content,
  };
  return { ...row, hash: recordHash(row) };
}

/** To be called in a transaction that holds the write lock. */
export function appendRecord(connection: Connection, draft: Draft): RecordRow {
  const row = following(headOn(connection), draft);
  connection.prepare<[RecordRow]>(INSERT_RECORD).run(row);
  return row;
}

/** Why `row` cannot be the record after `last`; `undefined` if it is. */
export function breakBetween(last: JournalHead, row: RecordRow): string | undefined {
  if (row.sequence !== last.sequence + 1) return `expected record ${last.sequence + 1} here: records were removed or inserted`;
  if (row.previous_hash !== last.hash) return 'its previous hash differs from the hash of the record before: one of the two was replaced';
  if (row.hash !== recordHash(row)) return 'its hash does not match its content: it was altered';
  return undefined;
}

export function headOn(connection: Connection): JournalHead {
  return connection.prepare<[], JournalHead>(HEAD).get() ?? GENESIS;
}
