import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { exportRecords, verifyChain } from '../../../src/journal/record/chain.ts';
import { DATABASE_FILE, type Database } from '../../../src/journal/file/database.ts';
import { openDatabase } from '../../../src/journal/open-database.ts';
import { migrationsOf, openDatabaseReadOnly } from '../../../src/journal/read-only.ts';
import { SqliteJournal } from '../../../src/journal/record/sqlite-journal.ts';
import { SqliteTokens } from '../../../src/journal/tokens/sqlite-tokens.ts';
import { applied } from './changes.ts';
import { intent } from '../../support/intent.ts';
import { SettableClock } from './settable-clock.ts';
import { databasePath, openJournalDatabase, refusal, tamper, temporaryDirectory } from './support.ts';

/** Closed when the test ends. */
function readOnly(path: string): Database {
  const database = openDatabaseReadOnly(path);
  onTestFinished(() => {
    database.close();
  });
  return database;
}

/** A directory for the temporary files of this test only. */
function ownTemporaryDirectory(): string {
  const directory = temporaryDirectory();
  const usual = process.env['TMPDIR'];
  process.env['TMPDIR'] = directory;
  onTestFinished(() => {
    if (usual === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = usual;
  });
  return directory;
}

/** The bytes of each file by name. */
function bytesIn(directory: string): Readonly<Record<string, string>> {
  return Object.fromEntries(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'base64')]));
}

/** Copies the given files of a journal in use. It has three records, of which two are only in the -wal file. */
function copied(...suffixes: readonly string[]): string {
  const dataDir = temporaryDirectory();
  const first = openDatabase(dataDir);
  new SqliteJournal(first).open(intent());
  first.close();
  const journal = new SqliteJournal(openJournalDatabase(dataDir));
  journal.close(1, applied());
  journal.open(intent());
  const copy = join(temporaryDirectory(), 'copy');
  mkdirSync(copy);
  for (const suffix of suffixes) copyFileSync(databasePath(dataDir) + suffix, databasePath(copy) + suffix);
  return copy;
}

describe('openDatabaseReadOnly', () => {
  it.each([
    { files: ['', '-wal'], records: 3 },
    { files: [''], records: 1 },
  ])('reads a copy with the files %o and leaves no trace', ({ files, records }) => {
    const copy = copied(...files);
    const before = bytesIn(copy);
    const temporary = ownTemporaryDirectory();
    chmodSync(copy, 0o500);
    const database = readOnly(copy);
    expect(verifyChain(database)).toMatchObject({ records });
    expect([...exportRecords(database)]).toHaveLength(records);
    expect(bytesIn(copy)).toEqual(before);
    expect(readdirSync(temporary)).toEqual([]);
    database.close();
    chmodSync(copy, 0o700);
    expect(bytesIn(copy)).toEqual(before);
  });

  it('reads a complete copy of a data directory without changing the file or its log', () => {
    const copy = copied('', '-wal', '-shm');
    const before = bytesIn(copy);
    const database = readOnly(join(copy, DATABASE_FILE));
    expect(verifyChain(database)).toMatchObject({ records: 3 });
    database.close();
    expect(bytesIn(copy)).toMatchObject({
      [DATABASE_FILE]: before[DATABASE_FILE],
      [`${DATABASE_FILE}-wal`]: before[`${DATABASE_FILE}-wal`],
    });
  });

  it('follows a journal that is in use', () => {
    const dataDir = temporaryDirectory();
    const journal = new SqliteJournal(openJournalDatabase(dataDir));
    const database = readOnly(dataDir);
    expect(verifyChain(database).records).toBe(0);
    journal.open(intent());
    expect(verifyChain(database)).toMatchObject({ records: 1, head: journal.head() });
  });

  it('lists the applied migrations', () => {
    expect(migrationsOf(readOnly(copied(''))).map(({ name }) => name)).toEqual([
      '0001_journal.sql',
      '0002_tokens.sql',
      '0003_token_rotation.sql',
      '0004_current_words.sql',
      '0005_token_records.sql',
      '0006_archive.sql',
      '0007_restore.sql',
      '0008_configurations.sql',
    ]);
  });

  it('writes nothing, reads tokens, and can neither create nor revoke one', () => {
    const dataDir = temporaryDirectory();
    const clock = new SettableClock('2026-01-01T00:00:00.000Z');
    const writable = openDatabase(dataDir);
    const { secret, token } = new SqliteTokens(writable, clock).create('a', ['table:read'], null);
    new SqliteJournal(writable).open(intent());
    tamper(writable, "UPDATE record SET content = '{}' WHERE kind = 'intent'");
    writable.close();
    expect(refusal(() => openDatabase(dataDir)).message).toContain('record 2 is broken');

    const database = readOnly(dataDir);
    const tokens = new SqliteTokens(database, clock);
    expect(tokens.authenticate(secret).name).toBe('a');
    for (const write of [() => tokens.create('b', ['table:read'], null), () => tokens.revoke(token.id)]) {
      expect(refusal(write)).toMatchObject({ code: 'JOURNAL_UNAVAILABLE', details: { errno: 'SQLITE_READONLY' } });
    }
    expect(refusal(() => new SqliteJournal(database).open(intent())).details.errno).toBe('SQLITE_READONLY');
    expect(tokens.list()).toHaveLength(1);
  });

  it.each([
    ['missing', 'ENOENT'],
    ['.', 'ENOENT'],
  ])('reports a path without a journal: %s', (path, errno) => {
    expect(refusal(() => openDatabaseReadOnly(join(temporaryDirectory(), path)))).toMatchObject({
      code: 'JOURNAL_UNAVAILABLE',
      details: { errno, remedy: 'Specify the path of a journal or of its data directory.' },
    });
  });

  it('refuses a file that is not a journal, with the path that was given', () => {
    const copy = copied('');
    const path = databasePath(copy);
    rmSync(path);
    copyFileSync(new URL(import.meta.url), path);
    const error = refusal(() => openDatabaseReadOnly(copy));
    expect(error.details.errno).toBe('SQLITE_NOTADB');
    expect(error.message).toContain(copy);
  });
});
