import type { JournalRecords, JournalStart } from '../../application/ports/journal.ts';
import { archivedError } from '../../domain/archived-error.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { Connection } from '../file/connection.ts';
import type { Database } from '../file/database.ts';
import { journalRefused } from '../file/journal-error.ts';
import { chainStart, lastArchive } from './archive-content.ts';
import { headOn, type RecordRow } from './record.ts';

/** Records in memory at once. That of a deletion can have a megabyte. */
const PAGE = 16;
const SELECT = `SELECT * FROM record WHERE sequence > ? ORDER BY sequence LIMIT ${PAGE}`;

/** Reads pages, because an open iterator would block writes on this connection and keep the write-ahead log from being truncated. */
export class RecordReader implements JournalRecords {
  private readonly database: Database;
  private last: number;

  /** @throws ConntrackError `RECORD_NOT_FOUND`, `ARCHIVED`, `JOURNAL_UNAVAILABLE` */
  constructor(database: Database, after?: JournalStart) {
    this.database = database;
    this.last = database.read((connection) => startOf(connection, after));
  }

  next(): readonly string[] {
    return this.database.read((connection) => {
      const rows = connection.prepare<[number], RecordRow>(SELECT).all(this.last);
      return rows.map((row) => this.line(connection, row));
    });
  }

  private line(connection: Connection, row: RecordRow): string {
    if (row.sequence !== this.last + 1 && chainStart(connection).sequence > this.last) {
      throw journalRefused(this.database.path, `records after ${this.last} were archived during the export`, 'Export again.');
    }
    this.last = row.sequence;
    const { sequence, kind, change_id, recorded_at, previous_hash, hash, content } = row;
    return canonicalJson({ sequence, kind, changeId: change_id, recordedAt: recorded_at, previousHash: previous_hash, hash, content });
  }
}

/** @returns the sequence number of the record that the first one follows */
function startOf(connection: Connection, after: JournalStart | undefined): number {
  const archive = lastArchive(connection);
  const start = chainStart(connection);
  if (!after) return start.sequence;
  if (archive && after.sequence < start.sequence) throw archivedError(`Record ${after.sequence + 1}`, archive);
  const head = headOn(connection);
  const found =
    after.sequence === start.sequence
      ? start
      : connection.prepare<[number], { hash: string }>('SELECT hash FROM record WHERE sequence = ?').get(after.sequence);
  if (!found) throw notFound(`There is no record ${after.sequence}: the journal ends with record ${head.sequence}.`);
  if (after.hash !== undefined && after.hash !== found.hash) throw notFound(`Record ${after.sequence} has another hash.`);
  return after.sequence;
}

function notFound(message: string): ConntrackError {
  return new ConntrackError('RECORD_NOT_FOUND', message, {
    remedy: 'The journal was replaced by another one: renewed, or restored from a backup. Export it from the beginning.',
  });
}
