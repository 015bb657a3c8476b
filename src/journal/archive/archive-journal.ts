import { rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { standingChanges } from '../../application/change/standing-changes.ts';
import type { ChangeTally, JournalHead } from '../../application/ports/journal.ts';
import type { Administrator } from '../../application/ports/tokens.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { Connection } from '../file/connection.ts';
import type { Database } from '../file/database.ts';
import { journalRefused } from '../file/journal-error.ts';
import { archiveDraft, chainStart, lastArchive, type Archive, type RecordedArchive } from '../record/archive-content.ts';
import { exportRecords, verifyChain } from '../record/chain.ts';
import { carryConfiguration, lastConfiguration } from '../record/configuration-content.ts';
import { DESIRED } from '../record/desired-content.ts';
import { GUARD } from '../record/guard-content.ts';
import { appendRecord } from '../record/record.ts';
import { SqliteJournal } from '../record/sqlite-journal.ts';
import { carryTokens } from '../record/token-check.ts';
import { verifyFile, writeArchive, type VerifiedFile } from './archive-file.ts';
import { selectPrefix, type ArchiveLimits, type Prefix, type Selection } from './select-prefix.ts';

export interface ArchiveRequest extends ArchiveLimits {
  /** The file to create. */
  readonly to: string;
  readonly by: Administrator;
  readonly now: Date;
}

export interface ArchiveResult extends Selection {
  /** Absent if there was nothing to archive. */
  readonly archive?: Archive;
  /** Set if an archive that was interrupted before was completed. */
  readonly completed?: string;
  /** Why the database file did not become smaller; its free space is used for later records. */
  readonly notShrunk?: string;
  /** The size of the database before and after. */
  readonly bytes: readonly [before: number, after: number];
}

const DELETED_PER_STEP = 200;

/**
 * Moves the oldest records to a file: writes them, makes the file durable, reads it back, records the archive in the chain, and only then deletes
 * the records, in short transactions beside which a service can record changes. If the process is killed at any point, nothing is lost and running
 * it again continues.
 *
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` if the journal is broken, the file exists with other records, or it cannot be written
 */
export function archiveJournal(database: Database, request: ArchiveRequest): ArchiveResult {
  const before = sizeOf(database);
  requireIntact(database);
  const completed = completeInterrupted(database);
  const to = resolve(request.to);
  const { prefix, ...blocked } = database.read((connection) => selectPrefix(connection, request, request.now));
  const archive = prefix && writeAndRecord(database, { ...request, to }, prefix);
  if (archive) deleteArchived(database);
  const notShrunk = (archive ?? completed) ? shrink(database) : undefined;
  return {
    ...blocked,
    ...(archive && { archive, prefix: { ...prefix, through: archive.through, change: archive.change } }),
    ...(completed !== undefined && { completed }),
    ...(notShrunk !== undefined && { notShrunk }),
    bytes: [before, sizeOf(database)],
  };
}

function requireIntact(database: Database): void {
  const { broken } = verifyChain(database);
  if (broken) throw journalRefused(database.path, `record ${broken.sequence} is broken: ${broken.reason}. Nothing was archived`);
}

/** @returns the file of an archive whose records were not all deleted */
function completeInterrupted(database: Database): string | undefined {
  const archive = database.read(lastArchive);
  if (!archive || !database.read((connection) => nextArchived(connection, archive))) return undefined;
  if (verifyFile(archive.file)?.sha256 !== archive.sha256) {
    throw journalRefused(
      database.path,
      `records up to ${archive.through.sequence} are archived and not yet deleted, and ${archive.file} is not the file that was written`,
      'Move the file back, and run the command again.',
    );
  }
  deleteArchived(database);
  return archive.file;
}

/** Removes the file again if another process archived its records meanwhile: nothing refers to it. */
function writeAndRecord(database: Database, request: ArchiveRequest, prefix: Prefix): Archive {
  const { file, isNew } = write(database, request.to, prefix);
  const archive = record(database, request, file);
  if (archive) return archive;
  if (isNew) rmSync(request.to);
  throw journalRefused(database.path, 'another process archived records meanwhile', 'Run the command again.');
}

/** Writes the file, unless an interrupted run already did: then its records are archived, which may be fewer. */
function write(database: Database, to: string, prefix: Prefix): { readonly file: VerifiedFile; readonly isNew: boolean } {
  const existing = verifyFile(to);
  if (!existing) writeArchive(to, first(exportRecords(database), prefix.through.sequence - prefix.start.sequence));
  const file = existing ?? verifyFile(to);
  const isOurs =
    file?.start.sequence === prefix.start.sequence &&
    file.start.hash === prefix.start.hash &&
    file.through.sequence <= prefix.through.sequence &&
    database.read((connection) => endsWholeChange(connection, file.through));
  if (isOurs) return { file, isNew: !existing };
  throw new ConntrackError('INVALID_REQUEST', `${to} exists and does not contain the next records of the journal.`, {
    remedy: 'Choose a file that does not exist.',
  });
}

function* first<T>(items: Iterable<T>, count: number): Generator<T, void, undefined> {
  let left = count;
  for (const item of items) {
    if (left-- === 0) return;
    yield item;
  }
}

/** Whether it is a record of the journal, and none of the changes before continues after it. */
function endsWholeChange(connection: Connection, { sequence, hash }: JournalHead): boolean {
  const select = `
    SELECT 1 FROM record AS last WHERE sequence = @sequence AND hash = @hash AND NOT EXISTS (
      SELECT 1 FROM record AS closing JOIN record AS intent ON intent.change_id = closing.change_id AND intent.kind = 'intent'
      WHERE closing.kind = 'outcome' AND closing.sequence > @sequence AND intent.sequence <= @sequence
    )`;
  return connection.prepare<[object]>(select).get({ sequence, hash }) !== undefined;
}

/**
 * Records the archive. The changes that settings still depend on, and the state of the tokens, stay in the database.
 *
 * @returns `undefined` if the database no longer begins with these records
 */
function record(
  database: Database,
  { to, by, now }: ArchiveRequest,
  { start, through, records, sha256 }: VerifiedFile,
): Archive | undefined {
  const journal = new SqliteJournal(database);
  return database.write((connection) => {
    if (chainStart(connection).sequence !== start.sequence) return undefined;
    const change = Number(
      connection.prepare("SELECT max(change_id) FROM record WHERE kind = 'intent' AND sequence <= ?").pluck().get(through.sequence),
    );
    carryTokens(connection, through.sequence, by, now);
    carryConfiguration(connection, GUARD, { through: through.sequence, by, at: now });
    carryConfiguration(connection, DESIRED, { through: through.sequence, by, at: now });
    const archive = {
      through,
      change,
      file: to,
      sha256,
      records,
      by,
      kept: keptRecords(connection, journal, change),
      counts: countsThrough(connection, change),
    };
    appendRecord(connection, archiveDraft(archive, now));
    return archive;
  });
}

function keptRecords(connection: Connection, journal: SqliteJournal, change: number): readonly JournalHead[] {
  const names = connection.prepare<[], string>("SELECT DISTINCT subject FROM change_subject WHERE subject NOT LIKE '/%'").pluck().all();
  const select = connection.prepare<[number], JournalHead>(
    "SELECT sequence, hash FROM record WHERE change_id = ? AND kind IN ('intent', 'outcome') ORDER BY sequence",
  );
  // Whether the guard has stopped, and how often a setting was restored, follows from the changes since then.
  const since = connection
    .prepare<[string, number, number], number>(
      'SELECT change_id FROM change_subject WHERE subject = ? AND change_id > ? AND change_id <= ?',
    )
    .pluck();
  const guarded = since.all('max', lastConfiguration(connection, GUARD)?.afterChange ?? change, change);
  const desired = lastConfiguration(connection, DESIRED);
  const restored = Object.keys(desired?.config.settings ?? {}).flatMap((name) => since.all(name, desired?.afterChange ?? change, change));
  const ids = [...new Set([...standingChanges(journal, names, change), ...guarded, ...restored])].sort((one, other) => one - other);
  return ids.flatMap((id) => select.all(id));
}

function countsThrough(connection: Connection, change: number): readonly ChangeTally[] {
  const earlier = lastArchive(connection);
  const counts = new Map((earlier?.counts ?? []).map((tally) => [`${tally.kind} ${tally.outcome}`, tally]));
  const select = `
    SELECT intent.change_kind AS kind, closing.outcome_name AS outcome, count(*) AS changes
    FROM record AS intent JOIN record AS closing ON closing.change_id = intent.change_id AND closing.kind = 'outcome'
    WHERE intent.kind = 'intent' AND intent.change_id > ? AND intent.change_id <= ? GROUP BY 1, 2`;
  for (const tally of connection.prepare<[number, number], ChangeTally>(select).all(earlier?.change ?? 0, change)) {
    const key = `${tally.kind} ${tally.outcome}`;
    counts.set(key, { ...tally, changes: tally.changes + (counts.get(key)?.changes ?? 0) });
  }
  return [...counts.values()];
}

const ARCHIVED = 'sequence <= @through AND sequence NOT IN (SELECT value FROM json_each(@kept))';

function parametersOf({ through, kept }: RecordedArchive) {
  return { through: through.sequence, kept: JSON.stringify(kept.map(({ sequence }) => sequence)) };
}

function nextArchived(connection: Connection, archive: RecordedArchive): boolean {
  return connection.prepare<[object]>(`SELECT 1 FROM record WHERE ${ARCHIVED} LIMIT 1`).get(parametersOf(archive)) !== undefined;
}

/** Oldest first, so that what remains after an interruption is still a chain up to the anchor. */
function deleteArchived(database: Database): void {
  const step = `DELETE FROM record WHERE sequence IN (SELECT sequence FROM record WHERE ${ARCHIVED} ORDER BY sequence LIMIT ${DELETED_PER_STEP})`;
  let deleted: number;
  do {
    deleted = database.write((connection) => {
      const archive = lastArchive(connection);
      return archive ? connection.prepare<[object]>(step).run(parametersOf(archive)).changes : 0;
    });
  } while (deleted > 0);
}

/** Returns the space to the file system. @returns why it could not */
function shrink(database: Database): string | undefined {
  try {
    database.read((connection) => connection.exec('VACUUM').pragma('wal_checkpoint(TRUNCATE)'));
    return undefined;
  } catch (error) {
    if (error instanceof ConntrackError) return error.message;
    throw error;
  }
}

function sizeOf({ path }: Database): number {
  return ['', '-wal'].reduce((sum, suffix) => sum + (statSync(path + suffix, { throwIfNoEntry: false })?.size ?? 0), 0);
}
