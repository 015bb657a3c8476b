import SqliteDatabase from 'better-sqlite3';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyChain } from '../../../src/journal/record/chain.ts';
import { DATABASE_FILE } from '../../../src/journal/file/database.ts';
import { openDatabase } from '../../../src/journal/open-database.ts';
import { SqliteJournal } from '../../../src/journal/record/sqlite-journal.ts';
import { intent } from '../../support/intent.ts';
import { connectionOf, databasePath, openJournalDatabase, refusal, tamper, temporaryDirectory } from './support.ts';

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('openDatabase', () => {
  it('creates the directory and the file for their owner only', () => {
    const dataDir = join(temporaryDirectory(), 'new', 'data');
    openJournalDatabase(dataDir);
    expect(modeOf(dataDir)).toBe(0o700);
    expect(modeOf(databasePath(dataDir))).toBe(0o600);
    expect(modeOf(`${databasePath(dataDir)}-wal`)).toBe(0o600);
  });

  it('keeps the mode of an existing directory', () => {
    const dataDir = join(temporaryDirectory(), 'shared');
    mkdirSync(dataDir);
    const before = modeOf(dataDir);
    openJournalDatabase(dataDir);
    expect(modeOf(dataDir)).toBe(before);
  });

  it.each(['a new', 'an existing'])('syncs every commit to disk on %s file', (which) => {
    const dataDir = temporaryDirectory();
    if (which === 'an existing') openDatabase(dataDir).close();
    const database = openJournalDatabase(dataDir);
    new SqliteJournal(database).open(intent());
    const settings = ['synchronous', 'journal_mode', 'busy_timeout', 'foreign_keys', 'trusted_schema'];
    expect(settings.map((name) => connectionOf(database).pragma(name, { simple: true }))).toEqual([2, 'wal', 5000, 1, 0]);
  });

  it('keeps the records when opened again', () => {
    const dataDir = temporaryDirectory();
    const first = openDatabase(dataDir);
    new SqliteJournal(first).open(intent());
    first.close();
    expect(new SqliteJournal(openJournalDatabase(dataDir)).get(1)).toMatchObject({ reason: 'black friday' });
  });

  it('refuses a file that is not a database, and does not change it', () => {
    const dataDir = temporaryDirectory();
    writeFileSync(databasePath(dataDir), 'not a database, but somebody may want it back\n'.repeat(100));
    const before = readFileSync(databasePath(dataDir));
    const error = refusal(() => openDatabase(dataDir));
    expect(error).toMatchObject({ code: 'JOURNAL_UNAVAILABLE', details: { errno: 'SQLITE_NOTADB' } });
    expect(error.message).toContain(databasePath(dataDir));
    expect(error.details.remedy).toContain('never recreated');
    expect(readFileSync(databasePath(dataDir))).toEqual(before);
  });

  it('refuses a damaged database, and does not change it', () => {
    const dataDir = temporaryDirectory();
    const database = openDatabase(dataDir);
    const journal = new SqliteJournal(database);
    for (let i = 0; i < 200; i++) journal.open(intent());
    const middle = "SELECT pageno FROM dbstat WHERE name = 'record' AND pagetype = 'leaf' ORDER BY pageno LIMIT 1 OFFSET 20";
    const page = Number(connectionOf(database).prepare(middle).pluck().get());
    database.close();
    const bytes = readFileSync(databasePath(dataDir));
    bytes.fill(0xff, 4096 * (page - 1), 4096 * page);
    writeFileSync(databasePath(dataDir), bytes);
    const error = refusal(() => openDatabase(dataDir));
    expect(error.code).toBe('JOURNAL_UNAVAILABLE');
    expect(error.message).toContain('it is damaged');
    expect(readFileSync(databasePath(dataDir))).toEqual(bytes);
  });

  describe('with one of 299 records altered', () => {
    function altered(sequence: number): string {
      const dataDir = temporaryDirectory();
      const database = openDatabase(dataDir);
      const journal = new SqliteJournal(database);
      database.write(() => {
        for (let id = 1; id <= 299; id++) journal.open(intent());
      });
      tamper(database, `UPDATE record SET content = replace(content, 'friday', 'monday') WHERE sequence = ${sequence}`);
      database.close();
      return dataDir;
    }

    it.each([200, 299])('refuses record %d, which is one of the last 100', (sequence) => {
      const error = refusal(() => openDatabase(altered(sequence)));
      expect(error.code).toBe('JOURNAL_UNAVAILABLE');
      expect(error.message).toContain(`record ${sequence} is broken`);
      expect(error.details.remedy).toContain('conntrack-api journal renew');
    });

    it('leaves earlier records to verifyChain', () => {
      expect(verifyChain(openJournalDatabase(altered(199))).broken?.sequence).toBe(199);
    });
  });

  it('refuses the database of another program', () => {
    const dataDir = temporaryDirectory();
    const other = new SqliteDatabase(databasePath(dataDir));
    other.exec('CREATE TABLE recipe (name TEXT)');
    other.close();
    expect(refusal(() => openDatabase(dataDir)).message).toContain('the database of another program');
  });

  it('does not create a new journal if only the write-ahead log is left', () => {
    const dataDir = temporaryDirectory();
    openJournalDatabase(dataDir);
    rmSync(databasePath(dataDir));
    expect(refusal(() => openDatabase(dataDir)).message).toContain('its -wal file contains records, but the file itself is missing');
  });

  it.each([0, 1, 511])('does not create a new journal in a file of %d bytes, which was a journal', (bytes) => {
    const dataDir = temporaryDirectory();
    openDatabase(dataDir).close();
    truncateSync(databasePath(dataDir), bytes);
    expect(refusal(() => openDatabase(dataDir)).message).toContain(`it is damaged: ${bytes} bytes are too short for a database`);
    expect(statSync(databasePath(dataDir)).size).toBe(bytes);
  });

  it('leaves no other files in the directory', () => {
    const dataDir = temporaryDirectory();
    openDatabase(dataDir).close();
    expect(readdirSync(dataDir)).toEqual([DATABASE_FILE]);
  });

  it('reports a data directory that is a file', () => {
    const path = join(temporaryDirectory(), 'file');
    writeFileSync(path, '');
    expect(refusal(() => openDatabase(path))).toMatchObject({ code: 'JOURNAL_UNAVAILABLE', details: { errno: 'EEXIST' } });
  });
});
