import type { AlteredToken } from '../../application/ports/journal.ts';
import type { Administrator, TokenState } from '../../application/ports/tokens.ts';
import type { Connection } from '../file/connection.ts';
import type { Database } from '../file/database.ts';
import { appendRecord, recordHash, type RecordRow } from './record.ts';
import { decodeTokenRecord, tokenDraft, tokenState, type TokenRow } from './token-content.ts';

/** A token's row beside its newest record. One statement reads both, so that another process cannot write in between. */
export type CheckedRow = TokenRow & Partial<RecordColumns>;

type RecordColumns = { readonly [Name in keyof RecordRow as `record_${Name}`]: RecordRow[Name] | null };

const RECORD_COLUMNS = ['sequence', 'kind', 'change_id', 'recorded_at', 'previous_hash', 'hash', 'content'] as const;
const SELECT_RECORD = RECORD_COLUMNS.map((name) => `record.${name} AS record_${name}`).join(', ');

const WITH_RECORD = `
  SELECT token.*, ${SELECT_RECORD} FROM token LEFT JOIN record ON record.sequence = (
    SELECT max(sequence) FROM record WHERE kind = 'token' AND token_id = token.id
  )`;

/** In a file of an older version that is opened read-only, tokens have no records. */
const WITHOUT_RECORD = 'SELECT * FROM token';

const LOST = `
  SELECT DISTINCT token_id AS id FROM record WHERE kind = 'token' AND NOT EXISTS (SELECT 1 FROM token WHERE token.id = token_id)`;

/** `SELECT` and `FROM` of {@link CheckedRow}s on this connection. */
export function checkedTokens(connection: Connection): string {
  return hasTokenRecords(connection) ? WITH_RECORD : WITHOUT_RECORD;
}

function hasTokenRecords(connection: Connection): boolean {
  return connection.prepare("SELECT 1 FROM pragma_table_xinfo('record') WHERE name = 'token_id'").get() !== undefined;
}

/** How the row differs from the newest record of the token; `undefined` if it does not. */
export function alterationOf(row: CheckedRow): string | undefined {
  if (row.record_sequence === undefined) return undefined;
  if (row.record_sequence === null) return 'it has no record: it was not created by this service';
  const record = Object.fromEntries(RECORD_COLUMNS.map((name) => [name, row[`record_${name}`]])) as unknown as RecordRow;
  if (record.hash !== recordHash(record)) return `its record ${record.sequence} was altered`;
  try {
    return differencesOf(decodeTokenRecord(record).after, tokenState(row));
  } catch (error) {
    return `its record ${record.sequence} cannot be parsed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function differencesOf(recorded: TokenState, found: TokenState): string | undefined {
  const names = (Object.keys(found) as (keyof TokenState)[]).filter(
    (name) => JSON.stringify(recorded[name]) !== JSON.stringify(found[name]),
  );
  const differences = names.map((name) =>
    name === 'secretDigest' ? 'secret: replaced' : `${name}: recorded ${shown(recorded[name])}, found ${shown(found[name])}`,
  );
  return differences.length === 0 ? undefined : differences.join('; ');
}

function shown(value: TokenState[keyof TokenState]): string {
  return JSON.stringify(value).slice(0, 300);
}

/** The tokens whose rows are not those that the newest records describe. */
export function alteredTokens(database: Database): readonly AlteredToken[] {
  return database.read((connection) => {
    if (!hasTokenRecords(connection)) return [];
    const rows = connection.prepare<[], CheckedRow>(`${WITH_RECORD} ORDER BY token.rowid`).all();
    const altered = rows.flatMap((row) => {
      const difference = alterationOf(row);
      return difference === undefined ? [] : [{ id: row.id, difference }];
    });
    const lost = connection.prepare<[], { id: string }>(LOST).all();
    return [...altered, ...lost.map(({ id }) => ({ id, difference: 'its row was removed' }))];
  });
}

const LAST_RECORDS = `
  SELECT * FROM record WHERE sequence IN (SELECT max(sequence) FROM record WHERE kind = 'token' GROUP BY token_id) AND sequence <= ?
  ORDER BY sequence`;

/** Records again the recorded state of each token whose newest record is not after `through`. To be called in a transaction. */
export function carryTokens(connection: Connection, through: number, by: Administrator, at: Date): void {
  for (const row of connection.prepare<[number], RecordRow & { readonly token_id: string }>(LAST_RECORDS).all(through)) {
    const { after } = decodeTokenRecord(row);
    appendRecord(connection, tokenDraft({ action: 'carried', by, token: row.token_id, before: after, after }, at));
  }
}
