import type { Database } from 'better-sqlite3';
import { createHash } from 'node:crypto';

export interface RecordRow {
  readonly sequence: number;
  readonly kind: string;
  readonly change_id: number;
  readonly recorded_at: string;
  readonly previous_hash: string;
  readonly hash: string;
  readonly content: string;
}

/** The last record: kept outside this host, it proves that nothing before it was altered or cut off. */
export interface Head {
  readonly sequence: number;
  readonly hash: string;
}

/** What the first record continues. */
export const GENESIS: Head = { sequence: 0, hash: '0'.repeat(64) };

/**
 * SHA-256, in lower-case hex, of seven lines in UTF-8, joined by a line feed and without one at the end: `conntrack-api record 1`, then
 * sequence, kind, change id, time, previous hash and content as they are stored. No part but the content, which is last, can hold a line feed.
 */
export function recordHash(row: Omit<RecordRow, 'hash'>): string {
  const lines = ['conntrack-api record 1', row.sequence, row.kind, row.change_id, row.recorded_at, row.previous_hash, row.content];
  return createHash('sha256').update(lines.join('\n'), 'utf8').digest('hex');
}

export function head(database: Database): Head {
  return database.prepare<[], Head>('SELECT sequence, hash FROM record ORDER BY sequence DESC LIMIT 1').get() ?? GENESIS;
}
