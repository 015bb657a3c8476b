import {
  Journal,
  type ArchivedChanges,
  type ChangeEnd,
  type ChangeQuery,
  type ConfigurationRecord,
  type DesiredRecord,
  type GuardRecord,
  type JournalHead,
  type JournalRecords,
  type JournalStart,
  type JournalVerification,
} from '../../application/ports/journal.ts';
import type { Administrator } from '../../application/ports/tokens.ts';
import type { Change, ClosedChange, Intent, Outcome } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { DesiredState } from '../../domain/desired/desired-state.ts';
import type { GuardConfig } from '../../domain/guard/guard-config.ts';
import { lastArchive } from './archive-content.ts';
import { archivedError } from '../../domain/archived-error.ts';
import { verifyChainInSteps } from './chain.ts';
import { configurationDraft, decodeConfiguration, lastConfiguration, type ConfigurationForm } from './configuration-content.ts';
import { DESIRED } from './desired-content.ts';
import { listQuery, type ChangeRow, type Query } from './change-queries.ts';
import type { Database } from '../file/database.ts';
import { freeBytes, outcomeBytes, requireFreeSpace } from '../file/free-space.ts';
import { GUARD } from './guard-content.ts';
import { encodeIntent } from './intent-content.ts';
import { journalRefused } from '../file/journal-error.ts';
import { journalStatements, type JournalStatements } from './journal-statements.ts';
import { encodeOutcome } from './outcome-content.ts';
import { Writability } from '../file/writability.ts';
import { Prepared } from '../file/prepared.ts';
import { RecordReader } from './record-reader.ts';
import { following, headOn, type Draft, type RecordRow } from './record.ts';
import { storedChange, storedIntent } from './stored-change.ts';

export interface JournalOptions {
  readonly free?: (directory: string) => number;
  readonly recorded?: (head: JournalHead) => void;
}

/** The journal in SQLite. Other processes may read and write the same file concurrently. */
export class SqliteJournal extends Journal {
  private readonly database: Database;
  private readonly statements: Prepared<JournalStatements>;
  private readonly free: (directory: string) => number;
  private readonly writability: Writability;
  private readonly recorded: (head: JournalHead) => void;

  /**
   * @param database from `openDatabase`
   * @param options `free` returns the bytes available on the file system of a directory; `recorded` is called with each new head
   */
  constructor(database: Database, { free = freeBytes, recorded = () => undefined }: JournalOptions = {}) {
    super();
    this.recorded = recorded;
    this.database = database;
    this.statements = new Prepared(database, journalStatements);
    this.free = free;
    this.writability = new Writability(database, free);
  }

  requireWritable(): void {
    this.writability.require();
  }

  requireRoomFor(intent: Intent): void {
    this.writability.requireAccess();
    this.requireSpace(intent, encodeIntent(intent));
  }

  requireUnlocked(): void {
    try {
      this.database.write(() => undefined);
    } catch (error) {
      // Other errors are left to `open`, after the request itself is checked.
      if (!(error instanceof ConntrackError && error.details.isLocked)) return;
      this.writability.failedWith(error);
      throw error;
    }
  }

  open(intent: Intent): number {
    const content = encodeIntent(intent);
    this.requireSpace(intent, content);
    const row = this.append(({ nextChange }) => ({ kind: 'intent', changeId: nextChange.get()?.id ?? 1, at: intent.startedAt, content }));
    return row.change_id;
  }

  private requireSpace(intent: Intent, content: string): void {
    const { directory } = this.database;
    const bytes = Buffer.byteLength(content);
    requireFreeSpace(directory, bytes + outcomeBytes(bytes, intent), this.free(directory));
  }

  nextId(): number {
    return this.statements.read(({ nextChange }) => nextChange.get()?.id ?? 1);
  }

  close(id: number, outcome: Outcome): ClosedChange {
    const intent = storedIntent(this.database.path, this.row(id));
    const content = encodeOutcome(outcome);
    this.append(() => ({ kind: 'outcome', changeId: id, at: outcome.completedAt, content }));
    return { ...intent, ...outcome };
  }

  get(id: number): Change {
    return this.change(this.row(id));
  }

  list(query: ChangeQuery, limit: number, before?: number): readonly Change[] {
    const { sql, parameters } = listQuery(query, limit, before);
    return this.changes(({ connection, lists }) => {
      const statement = lists.get(sql) ?? connection.prepare<[Query['parameters']], ChangeRow>(sql);
      lists.set(sql, statement);
      return statement.all(parameters);
    });
  }

  pending(): readonly Change[] {
    return this.changes(({ openChanges }) => openChanges.all());
  }

  awaitingConfirmation(): readonly ClosedChange[] {
    const found = this.statements.read(({ awaitingConfirmation }) => awaitingConfirmation.all());
    return found.map(({ id, extension }) => {
      const change = this.closed(id);
      return extension === null ? change : { ...change, confirm: this.get(extension).confirm };
    });
  }

  findByKey(tokenId: string, key: string, since: Date): Change | undefined {
    const row = this.statements.read(({ changeByKey }) => changeByKey.get(tokenId, key, since.toISOString()));
    return row && this.change(row);
  }

  after(id: number, limit = Number.MAX_SAFE_INTEGER): readonly Change[] {
    return this.changes(({ changesAfter }) => changesAfter.all(id, limit));
  }

  ends(id: number, limit: number): readonly ChangeEnd[] {
    return this.statements.read(({ changeEnds }) => changeEnds.all(id, limit));
  }

  guard(): GuardRecord | undefined {
    return this.database.read((connection) => lastConfiguration(connection, GUARD));
  }

  configureGuard(config: GuardConfig, by: Administrator, at: Date): GuardRecord {
    return this.configure(GUARD, config, by, at);
  }

  desired(): DesiredRecord | undefined {
    return this.database.read((connection) => lastConfiguration(connection, DESIRED));
  }

  configureDesired(state: DesiredState, by: Administrator, at: Date): DesiredRecord {
    return this.configure(DESIRED, state, by, at);
  }

  /** Several times a second, so it is read again only after a write. */
  head(): JournalHead {
    return this.statements.read(({ connection, dataVersion, last }) => {
      const version = this.database.version(dataVersion);
      if (last.version !== version) Object.assign(last, { version, head: headOn(connection) });
      return last.head;
    });
  }

  archived(): ArchivedChanges | undefined {
    return this.database.read(lastArchive);
  }

  verify(anchor?: JournalHead): Promise<JournalVerification> {
    return verifyChainInSteps(this.database, anchor);
  }

  records(after?: JournalStart): JournalRecords {
    return new RecordReader(this.database, after);
  }

  lastToAlter(subject: string, after: number): number | undefined {
    return this.statements.read(({ lastToAlter }) => lastToAlter.get(subject, after)?.id);
  }

  private configure<C>(form: ConfigurationForm<C>, config: C, by: Administrator, at: Date): ConfigurationRecord<C> {
    const row = this.append(({ connection, nextChange }) => {
      const afterChange = (nextChange.get()?.id ?? 1) - 1;
      const before = lastConfiguration(connection, form)?.config ?? null;
      return configurationDraft({ config, before, afterChange, by, at }, form);
    });
    return decodeConfiguration(row, form);
  }

  /** Inserts the next record. If the write fails but the record has become durable, the record counts. */
  private append(next: (statements: JournalStatements) => Draft): RecordRow {
    const row = this.insert(next);
    this.writability.succeeded();
    this.recorded({ sequence: row.sequence, hash: row.hash });
    return row;
  }

  private insert(next: (statements: JournalStatements) => Draft): RecordRow {
    const attempt: { row?: RecordRow } = {};
    try {
      return this.statements.write((statements) => {
        const row = following(headOn(statements.connection), next(statements));
        attempt.row = row;
        statements.insert.run(row);
        return row;
      });
    } catch (error) {
      if (attempt.row && this.isRecorded(attempt.row)) return attempt.row;
      this.writability.failedWith(error);
      throw error;
    }
  }

  private isRecorded(row: RecordRow): boolean {
    return this.statements.read(({ isRecorded }) => isRecorded.get(row.sequence, row.hash) !== undefined);
  }

  private row(id: number): ChangeRow {
    const row = this.statements.read(({ oneChange }) => oneChange.get(id));
    if (row) return row;
    const archived = this.archived();
    if (archived && id <= archived.change) throw archivedError(`Change ${id}`, archived, { changeId: id });
    throw new ConntrackError('CHANGE_NOT_FOUND', `There is no change ${id}.`, { remedy: 'List the changes to see their ids.' });
  }

  private closed(id: number): ClosedChange {
    const change = this.get(id);
    if (change.outcome === 'pending') throw journalRefused(this.database.path, `change ${id} is closed and has no outcome`);
    return change;
  }

  private changes(rows: (statements: JournalStatements) => readonly ChangeRow[]): readonly Change[] {
    return this.statements.read(rows).map((row) => this.change(row));
  }

  private change(row: ChangeRow): Change {
    return storedChange(this.database.path, row);
  }
}
