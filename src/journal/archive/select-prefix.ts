import type { JournalHead } from '../../application/ports/journal.ts';
import type { Connection } from '../file/connection.ts';
import { lastArchive } from '../record/archive-content.ts';
import { AWAITING_CONFIRMATION } from '../record/confirmation-query.ts';
import { GENESIS, headOn } from '../record/record.ts';

/** Requests are repeated with their Idempotency-Key for this long (see `IdempotentRequests`). */
const KEY_MILLISECONDS = 24 * 3_600_000;

export interface ArchiveLimits {
  /** Changes that started at this time or later stay. */
  readonly before?: Date;
  /** So many of the newest changes stay. */
  readonly keep?: number;
}

export interface Prefix {
  /** The record that the first one of the prefix follows. */
  readonly start: JournalHead;
  /** The last record. */
  readonly through: JournalHead;
  /** The last change, and the last change of the archive before. */
  readonly change: number;
  readonly previousChange: number;
}

export interface Selection {
  /** `undefined`: nothing can be archived. */
  readonly prefix?: Prefix;
  /** Why fewer changes than requested are archived. */
  readonly blockedBy?: string;
}

/**
 * The longest prefix of the journal within the limits whose changes are all closed, await no confirmation, and have no Idempotency-Key that may
 * still be repeated.
 */
export function selectPrefix(connection: Connection, { before, keep }: ArchiveLimits, now: Date): Selection {
  const first = (sql: string, ...parameters: readonly unknown[]): number =>
    Number(
      connection
        .prepare(`SELECT min(id) FROM (${sql})`)
        .pluck()
        .get(...parameters) ?? Infinity,
    );
  const archive = lastArchive(connection);
  const previousChange = archive?.change ?? 0;
  const last = Number(connection.prepare('SELECT id FROM last_change').pluck().get());
  const started = "SELECT change_id AS id FROM record WHERE kind = 'intent' AND recorded_at >= ?";
  const wanted = Math.min(last - (keep ?? 0), before ? first(started, before.toISOString()) - 1 : Infinity);
  const recentKey = new Date(now.getTime() - KEY_MILLISECONDS).toISOString();
  const blocks: readonly (readonly [number, string])[] = [
    [first('SELECT change_id AS id FROM open_change'), 'has no outcome yet'],
    [first(`SELECT id FROM (${AWAITING_CONFIRMATION})`), 'awaits confirmation'],
    [first(`${started} AND idempotency_key IS NOT NULL`, recentKey), 'has an Idempotency-Key that is valid for 24 hours'],
  ];
  const [blocking, why] = blocks.reduce((one, other) => (other[0] < one[0] ? other : one));
  const blockedBy = blocking <= wanted ? { blockedBy: `change ${blocking} ${why}` } : {};
  const change = wholeChanges(connection, Math.min(wanted, blocking - 1));
  if (change <= previousChange) return blockedBy;
  return {
    ...blockedBy,
    prefix: { start: archive?.through ?? GENESIS, through: lastRecordOf(connection, change), change, previousChange },
  };
}

/** The outcome of a change that was recovered can come after the intent of a later one: then the prefix ends before both. */
function wholeChanges(connection: Connection, change: number): number {
  const straddling = connection
    .prepare<[number, number], { id: number | null }>(
      "SELECT min(change_id) AS id FROM record WHERE kind = 'outcome' AND change_id <= ? AND sequence > ?",
    )
    .get(change, lastRecordOf(connection, change).sequence)?.id;
  return straddling === null || straddling === undefined ? change : wholeChanges(connection, straddling - 1);
}

/** The record before the first one of a later change. */
function lastRecordOf(connection: Connection, change: number): JournalHead {
  const select = `
    SELECT sequence, hash FROM record
    WHERE sequence = (SELECT min(sequence) - 1 FROM record WHERE kind = 'intent' AND change_id > ?)`;
  const isLast = connection.prepare("SELECT 1 FROM record WHERE kind = 'intent' AND change_id > ?").get(change) === undefined;
  return (isLast ? undefined : connection.prepare<[number], JournalHead>(select).get(change)) ?? headOn(connection);
}
