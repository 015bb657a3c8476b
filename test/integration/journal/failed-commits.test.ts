import SqliteDatabase from 'better-sqlite3';
import { dirname } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { verifyChain } from '../../../src/journal/record/chain.ts';
import { nextConnection, type Connection } from '../../../src/journal/file/connection.ts';
import { Database } from '../../../src/journal/file/database.ts';
import { headOn } from '../../../src/journal/record/record.ts';
import { SqliteJournal } from '../../../src/journal/record/sqlite-journal.ts';
import { SqliteTokens } from '../../../src/journal/tokens/sqlite-tokens.ts';
import { applied, outcomeNamed } from './changes.ts';
import { intent } from '../../support/intent.ts';
import { SettableClock } from './settable-clock.ts';
import { connectionOf, databasePath, openJournalDatabase, refusal, startChild, temporaryDirectory } from './support.ts';

type Fault = 'before the commit' | 'after the commit';

/** A connection whose transactions end with an I/O error, either after the commit is durable or without a commit. */
function failing(path: string, fault: Fault): Connection {
  const connection = nextConnection(path);
  const error = new SqliteDatabase.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC');
  const transaction = (action: () => unknown) => ({
    immediate: () => {
      connection.exec('BEGIN IMMEDIATE');
      action();
      connection.exec(fault === 'after the commit' ? 'COMMIT' : 'ROLLBACK');
      throw error;
    },
  });
  return Object.assign(connection, { transaction });
}

/** A database whose first connection fails in the given way; later connections work. */
function failingDatabase(dataDir: string, fault: Fault): Database {
  const path = databasePath(dataDir);
  openJournalDatabase(dataDir);
  const database = new Database(path, failing(path, fault), () => nextConnection(path));
  onTestFinished(() => {
    database.close();
  });
  return database;
}

describe('a failed commit', () => {
  it('counts if the intent became durable', () => {
    const journal = new SqliteJournal(failingDatabase(temporaryDirectory(), 'after the commit'));
    expect(journal.open(intent())).toBe(1);
    expect(journal.pending()).toHaveLength(1);
    expect(journal.open(intent())).toBe(2);
  });

  it('does not count if the intent did not become durable', () => {
    const journal = new SqliteJournal(failingDatabase(temporaryDirectory(), 'before the commit'));
    expect(refusal(() => journal.open(intent()))).toMatchObject({
      code: 'JOURNAL_UNAVAILABLE',
      details: { errno: 'SQLITE_IOERR_FSYNC', remedy: expect.stringContaining('dmesg') as string },
    });
    expect(journal.pending()).toEqual([]);
    expect(journal.open(intent())).toBe(1);
  });

  it('closes the change if the outcome became durable', () => {
    const dataDir = temporaryDirectory();
    new SqliteJournal(openJournalDatabase(dataDir)).open(intent());
    const journal = new SqliteJournal(failingDatabase(dataDir, 'after the commit'));
    expect(journal.close(1, applied())).toStrictEqual({ id: 1, ...intent(), ...applied() });
    expect(journal.get(1)).toStrictEqual({ id: 1, ...intent(), ...applied() });
  });

  it('leaves the change open, to be closed later, if the outcome did not become durable', () => {
    const dataDir = temporaryDirectory();
    new SqliteJournal(openJournalDatabase(dataDir)).open(intent());
    const journal = new SqliteJournal(failingDatabase(dataDir, 'before the commit'));
    expect(refusal(() => journal.close(1, applied())).code).toBe('JOURNAL_UNAVAILABLE');
    expect(journal.get(1).outcome).toBe('pending');
    expect(journal.close(1, applied()).outcome).toBe('applied');
  });

  it('does not mistake the outcome of another writer for its own', () => {
    const dataDir = temporaryDirectory();
    const other = new SqliteJournal(openJournalDatabase(dataDir));
    other.open(intent());
    other.close(1, outcomeNamed('failed'));
    const journal = new SqliteJournal(failingDatabase(dataDir, 'before the commit'));
    expect(refusal(() => journal.close(1, applied())).code).toBe('JOURNAL_UNAVAILABLE');
  });

  it('is followed by a connection that syncs commits and still reads tokens', () => {
    const dataDir = temporaryDirectory();
    const clock = new SettableClock('2026-01-01T00:00:00.000Z');
    const { secret } = new SqliteTokens(openJournalDatabase(dataDir), clock).create('a', ['table:read'], null);
    const database = failingDatabase(dataDir, 'after the commit');
    const tokens = new SqliteTokens(database, clock);
    const before = connectionOf(database);
    const journal = new SqliteJournal(database);
    journal.open(intent());
    journal.open(intent());
    expect(connectionOf(database)).not.toBe(before);
    expect(['synchronous', 'journal_mode', 'foreign_keys'].map((name) => connectionOf(database).pragma(name, { simple: true }))).toEqual([
      2,
      'wal',
      1,
    ]);
    expect(tokens.authenticate(secret).name).toBe('a');
  });

  it('is reported on every use while the file cannot be opened, and no longer once it can', () => {
    const dataDir = temporaryDirectory();
    const path = databasePath(dataDir);
    openJournalDatabase(dataDir);
    let broken = true;
    const database = new Database(path, failing(path, 'before the commit'), () => {
      if (broken) throw new SqliteDatabase.SqliteError('disk I/O error', 'SQLITE_IOERR_READ');
      return nextConnection(path);
    });
    onTestFinished(() => {
      database.close();
    });
    const journal = new SqliteJournal(database);
    for (const use of [() => journal.open(intent()), () => journal.open(intent()), () => journal.pending()]) {
      expect(refusal(use)).toMatchObject({ code: 'JOURNAL_UNAVAILABLE', details: { errno: 'SQLITE_IOERR_READ' } });
    }
    broken = false;
    expect(journal.open(intent())).toBe(1);
  });
});

describe('a connection that waits for its own lock', () => {
  /** Behaves like SQLite after it could not release a lock: it treats the lock as that of another process. */
  function stuck(path: string, code: 'SQLITE_PROTOCOL' | 'SQLITE_BUSY'): Connection {
    const refuse = (): never => {
      throw new SqliteDatabase.SqliteError('locked', code);
    };
    return Object.assign(
      nextConnection(path),
      code === 'SQLITE_BUSY' ? { transaction: () => ({ immediate: refuse }) } : { prepare: refuse },
    );
  }

  it.each(['SQLITE_PROTOCOL', 'SQLITE_BUSY'] as const)('is replaced after %s, and the next one reads and writes', (code) => {
    const path = databasePath(temporaryDirectory());
    openJournalDatabase(dirname(path));
    const database = new Database(path, nextConnection(path), () => nextConnection(path));
    const sticking = new Database(path, stuck(path, code), () => nextConnection(path));
    for (const each of [database, sticking])
      onTestFinished(() => {
        each.close();
      });
    const use = code === 'SQLITE_BUSY' ? () => sticking.write(headOn) : () => sticking.read(headOn);
    expect(refusal(use)).toMatchObject({ code: 'JOURNAL_UNAVAILABLE', details: { errno: code } });
    const journal = new SqliteJournal(sticking);
    expect(journal.open(intent())).toBe(1);
    expect(new SqliteJournal(database).pending()).toHaveLength(1);
  });
});

describe('a full file system', () => {
  it.each([500, 700, 900])('keeps exactly the acknowledged records (file size limit of %d blocks of 512 bytes)', async (blocks) => {
    const dataDir = temporaryDirectory();
    const child = startChild('record-under-limit', [dataDir, '6'], { fileSizeBlocks: blocks });
    const lines: string[] = [];
    for (let line = await child.lines.next(); line.done !== true; line = await child.lines.next()) lines.push(line.value);
    expect(await child.exited).toEqual({ code: 0, errors: '' });
    const printed = (word: string): number[] =>
      lines.filter((line) => line.startsWith(`${word} `)).map((line) => Number(line.split(' ')[1]));

    const database = openJournalDatabase(dataDir);
    const journal = new SqliteJournal(database);
    const changes = journal.after(0);
    expect(lines.filter((line) => /^refused SQLITE_(IOERR|FULL)/.test(line))).toHaveLength(6);
    expect(changes.length).toBeGreaterThan(0);
    expect(changes.map(({ id }) => id)).toEqual(printed('opened'));
    expect(changes.filter(({ outcome }) => outcome === 'applied').map(({ id }) => id)).toEqual(printed('closed'));
    expect(printed('known')).toEqual([changes.length]);
    expect(verifyChain(database).broken).toBeUndefined();
    expect(journal.open(intent())).toBe(changes.length + 1);
  });

  it('is detected before the intent is recorded', () => {
    const database = openJournalDatabase();
    const files = [{ path: '/boot/file', before: 'x'.repeat(100_000), after: 'x'.repeat(100_000) }];
    const withFree = (bytes: number): SqliteJournal => new SqliteJournal(database, { free: () => bytes });
    const error = refusal(() => withFree(1_048_575).open(intent()));
    expect(error).toMatchObject({ code: 'JOURNAL_UNAVAILABLE', details: { errno: 'ENOSPC', remedy: 'Free space on its file system.' } });
    expect(error.message).toContain(database.directory);
    expect(refusal(() => withFree(1_048_576 + 800_000).open(intent({ files }))).code).toBe('JOURNAL_UNAVAILABLE');
    expect(new SqliteJournal(database).pending()).toEqual([]);
    expect(withFree(1_048_576 + 10_000).open(intent())).toBe(1);
    expect(withFree(1_048_576 + 810_000).open(intent({ files }))).toBe(2);
  });
});
