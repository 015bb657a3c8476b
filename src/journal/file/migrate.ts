import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Connection } from './connection.ts';
import { journalRefused } from './journal-error.ts';

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
  readonly sql: string;
}

export type AppliedMigration = Omit<Migration, 'sql'>;

type Applied = (database: Connection, number: number) => void;

/** The same path from `src/journal/file` and from `dist/journal/file`. */
const PACKAGED = new URL('../../../migrations/', import.meta.url);

const HISTORY = `
  CREATE TABLE IF NOT EXISTS migration (
    number INTEGER PRIMARY KEY CHECK (number >= 1),
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    applied_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
  ) STRICT`;

/**
 * Applies the migrations (`NNNN_name.sql`, numbered from 1 without gaps) that the database lacks, each in its own transaction. Two
 * processes may do this concurrently.
 *
 * @param applied called in the transaction of each migration, after its SQL
 *
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` if an applied migration was edited, is missing or is newer than this version. Then none is
 *   applied.
 */
export function migrate(database: Connection, directory: URL = PACKAGED, applied: Applied = () => undefined): void {
  const available = readMigrations(database.name, directory);
  database.exec(HISTORY);
  for (const earlier of appliedMigrations(database)) refuseOtherHistory(database.name, earlier, available);
  for (const migration of available) database.transaction(applyOnce).immediate(database, migration, applied);
}

/**
 * Refuses a database that {@link migrate} would refuse, without changing it.
 *
 * @param path for messages
 * @throws ConntrackError `JOURNAL_UNAVAILABLE`
 */
export function refuseOtherMigrations(database: Connection, path: string): void {
  const available = readMigrations(path, PACKAGED);
  for (const earlier of appliedMigrations(database)) refuseOtherHistory(path, earlier, available);
}

function readMigrations(path: string, directory: URL): readonly Migration[] {
  const files = readdirSync(directory).filter((file) => file.endsWith('.sql'));
  return files.sort().map((file, index) => {
    const number = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(file)?.[1]);
    if (number !== index + 1) {
      throw journalRefused(path, `expected a migration numbered ${index + 1}, found ${file}`, 'Reinstall this version.');
    }
    const bytes = readFileSync(new URL(file, directory));
    return { number, name: file, sha256: createHash('sha256').update(bytes).digest('hex'), sql: bytes.toString('utf8') };
  });
}

/** Oldest first. */
export function appliedMigrations(database: Connection): readonly AppliedMigration[] {
  return database.prepare<[], AppliedMigration>('SELECT number, name, sha256 FROM migration ORDER BY number').all();
}

function refuseOtherHistory(path: string, applied: AppliedMigration, available: readonly Migration[]): void {
  const shipped = available[applied.number - 1];
  if (shipped?.sha256 === applied.sha256 && shipped.name === applied.name) return;
  if (!shipped) {
    throw journalRefused(
      path,
      `migration ${applied.name} was applied to it and is not part of this version`,
      'Run the newer version that applied it, or reinstall this version if its migrations are incomplete.',
    );
  }
  throw journalRefused(
    path,
    `migration ${applied.name} was applied with SHA-256 ${applied.sha256}, and ${shipped.name} here has ${shipped.sha256}`,
    'Applied migrations never change. Reinstall this version.',
  );
}

function applyOnce(database: Connection, { number, name, sha256, sql }: Migration, applied: Applied): void {
  if (database.prepare('SELECT 1 FROM migration WHERE number = ?').get(number)) return;
  database.exec(sql);
  database.prepare('INSERT INTO migration (number, name, sha256) VALUES (?, ?, ?)').run(number, name, sha256);
  applied(database, number);
}
