import type { Statement } from 'better-sqlite3';
import { Journal, type ChangeQuery } from '../application/ports/journal.ts';
import type { Change, ClosedChange, Intent, Outcome } from '../domain/change.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import { LAST_TO_ALTER, listQuery, ONE_CHANGE, OPEN_CHANGES, type ChangeRow, type Query } from './change-queries.ts';
import type { Database } from './database.ts';
import { encodeIntent } from './intent-content.ts';
import { guarded } from './journal-error.ts';
import { encodeOutcome } from './outcome-content.ts';
import { head, recordHash } from './record.ts';
import { storedChange, storedIntent } from './stored-change.ts';

const INSERT = `
  INSERT INTO record (sequence, kind, change_id, recorded_at, previous_hash, hash, content)
  VALUES (@sequence, @kind, @change_id, @recorded_at, @previous_hash, @hash, @content)`;

const NEXT_CHANGE = "SELECT coalesce(max(change_id), 0) + 1 AS id FROM record WHERE kind = 'intent'";

/** The journal over SQLite; other processes may read and write the same file meanwhile. */
export class SqliteJournal extends Journal {
  private readonly database: Database;
  private readonly insert: Statement;
  private readonly nextChange: Statement<[], { id: number }>;
  private readonly oneChange: Statement<[number], ChangeRow>;
  private readonly openChanges: Statement<[], ChangeRow>;
  private readonly lastToAlterSubject: Statement<[string, number], { id: number }>;
  private readonly lists = new Map<string, Statement<[Query['parameters']], ChangeRow>>();

  /** @param database from `openDatabase` */
  constructor(database: Database) {
    super();
    this.database = database;
    this.insert = database.prepare(INSERT);
    this.nextChange = database.prepare(NEXT_CHANGE);
    this.oneChange = database.prepare(ONE_CHANGE);
    this.openChanges = database.prepare(OPEN_CHANGES);
    this.lastToAlterSubject = database.prepare(LAST_TO_ALTER);
  }

  open(intent: Intent): number {
    return this.write(() => {
      const id = this.nextChange.get()?.id ?? 1;
      this.append('intent', id, intent.startedAt, encodeIntent(intent));
      return id;
    });
  }

  close(id: number, outcome: Outcome): ClosedChange {
    return this.write(() => {
      const intent = storedIntent(this.database.name, this.row(id));
      this.append('outcome', id, outcome.completedAt, encodeOutcome(outcome));
      return { ...intent, ...outcome };
    });
  }

  get(id: number): Change {
    return guarded(this.database, () => this.change(this.row(id)));
  }

  list(query: ChangeQuery, limit: number, before?: number): readonly Change[] {
    const { sql, parameters } = listQuery(query, limit, before);
    return guarded(this.database, () => this.listing(sql).all(parameters)).map((row) => this.change(row));
  }

  pending(): readonly Change[] {
    return guarded(this.database, () => this.openChanges.all()).map((row) => this.change(row));
  }

  lastToAlter(subject: string, after: number): number | undefined {
    return guarded(this.database, () => this.lastToAlterSubject.get(subject, after)?.id);
  }

  /** IMMEDIATE: the chain's head is read under the write lock, so that another process cannot extend it in between. */
  private write<T>(action: () => T): T {
    return guarded(this.database, () => this.database.transaction(action).immediate());
  }

  private append(kind: 'intent' | 'outcome', changeId: number, at: Date, content: string): void {
    const previous = head(this.database);
    const row = {
      sequence: previous.sequence + 1,
      kind,
      change_id: changeId,
      recorded_at: at.toISOString(),
      previous_hash: previous.hash,
      content,
    };
    this.insert.run({ ...row, hash: recordHash(row) });
  }

  private row(id: number): ChangeRow {
    const row = this.oneChange.get(id);
    if (!row)
      throw new ConntrackError('CHANGE_NOT_FOUND', `There is no change ${id}.`, { remedy: 'List the changes to see which there are.' });
    return row;
  }

  private change(row: ChangeRow): Change {
    return storedChange(this.database.name, row);
  }

  private listing(sql: string): Statement<[Query['parameters']], ChangeRow> {
    const statement = this.lists.get(sql) ?? this.database.prepare<[Query['parameters']], ChangeRow>(sql);
    this.lists.set(sql, statement);
    return statement;
  }
}
