import type { Token } from '../../domain/token.ts';
import type { Database } from '../file/database.ts';
import { checkedTokens, type CheckedRow } from '../record/token-check.ts';
import { storedToken } from './stored-token.ts';

/** All tokens, oldest first. */
export function storedTokens(database: Database): readonly Token[] {
  const rows = database.read((connection) => connection.prepare<[], CheckedRow>(`${checkedTokens(connection)} ORDER BY token.rowid`).all());
  return rows.map((row) => storedToken(database.path, row));
}
