import { THIS_SERVICE } from '../../application/ports/tokens.ts';
import type { Connection } from '../file/connection.ts';
import { appendRecord } from '../record/record.ts';
import { tokenDraft, tokenState, type TokenRow } from '../record/token-content.ts';

/** The migration since which tokens are recorded. */
export const TOKEN_RECORDS_MIGRATION = 5;

/**
 * Records the tokens of a journal from before tokens were recorded, in their present state. To be called once, in the transaction of the
 * migration: a row that is inserted later without a record is refused.
 */
export function adoptTokens(connection: Connection, at: Date): void {
  if (connection.prepare("SELECT 1 FROM record WHERE kind = 'token'").get()) return;
  for (const row of connection.prepare<[], TokenRow>('SELECT * FROM token ORDER BY rowid').all()) {
    appendRecord(connection, tokenDraft({ action: 'adopted', token: row.id, by: THIS_SERVICE, before: null, after: tokenState(row) }, at));
  }
}
