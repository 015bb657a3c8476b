import type { Statement } from 'better-sqlite3';
import type { ChangeEnd } from '../../application/ports/journal.ts';
import {
  CHANGES_AFTER,
  CHANGE_BY_KEY,
  CHANGE_ENDS,
  LAST_TO_ALTER,
  ONE_CHANGE,
  OPEN_CHANGES,
  type ChangeRow,
  type Query,
} from './change-queries.ts';
import { AWAITING_CONFIRMATION } from './confirmation-query.ts';
import type { Connection } from '../file/connection.ts';
import { GENESIS, INSERT_RECORD, type RecordRow } from './record.ts';

export type JournalStatements = ReturnType<typeof journalStatements>;

export function journalStatements(connection: Connection) {
  return {
    connection,
    dataVersion: connection.prepare<[], number>('PRAGMA data_version').pluck(),
    /** The head while the database has this version. */
    last: { version: '', head: GENESIS },
    insert: connection.prepare<[RecordRow]>(INSERT_RECORD),
    isRecorded: connection.prepare<[number, string]>('SELECT 1 FROM record WHERE sequence = ? AND hash = ?'),
    nextChange: connection.prepare<[], { id: number }>('SELECT id + 1 AS id FROM last_change'),
    oneChange: connection.prepare<[number], ChangeRow>(ONE_CHANGE),
    openChanges: connection.prepare<[], ChangeRow>(OPEN_CHANGES),
    changesAfter: connection.prepare<[number, number], ChangeRow>(CHANGES_AFTER),
    changeEnds: connection.prepare<[number, number], ChangeEnd>(CHANGE_ENDS),
    changeByKey: connection.prepare<[string, string, string], ChangeRow>(CHANGE_BY_KEY),
    awaitingConfirmation: connection.prepare<[], { id: number; extension: number | null }>(AWAITING_CONFIRMATION),
    /** By SQL: lists have one for each combination of filters, so there are few. */
    lists: new Map<string, Statement<[Query['parameters']], ChangeRow>>(),
    lastToAlter: connection.prepare<[string, number], { id: number }>(LAST_TO_ALTER),
  };
}
