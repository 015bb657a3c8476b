import SqliteDatabase from 'better-sqlite3';
import { existsSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JournalHead } from '../../../src/application/ports/journal.ts';
import { exportRecords, verifyChain } from '../../../src/journal/record/chain.ts';
import { DATABASE_FILE } from '../../../src/journal/file/database.ts';
import { openDatabase, openHalfRenewed } from '../../../src/journal/open-database.ts';
import { acquireServiceLock } from '../../../src/journal/file/journal-lock.ts';
import { startNewJournal } from '../../../src/journal/new-journal.ts';
import { saveRenewal, type Renewal } from '../../../src/journal/renewal.ts';
import { SqliteJournal } from '../../../src/journal/record/sqlite-journal.ts';
import { intent } from '../../support/intent.ts';
import { databasePath, openJournalDatabase, refusal, tamper, temporaryDirectory } from './support.ts';

const NOW = new Date('2026-01-02T03:04:05.678Z');
const ASIDE = `${DATABASE_FILE}.aside-2026-01-02T030405.678Z`;

interface Broken {
  readonly dataDir: string;
  readonly head: JournalHead;
}

/** A closed journal of 120 records of which record 5 was altered. */
function altered(): Broken {
  const dataDir = temporaryDirectory();
  const database = openDatabase(dataDir);
  const journal = new SqliteJournal(database);
  database.write(() => {
    for (let id = 1; id <= 120; id++) journal.open(intent());
  });
  const head = journal.head();
  tamper(database, "UPDATE record SET content = replace(content, 'friday', 'monday') WHERE sequence = 5");
  database.close();
  return { dataDir, head };
}

/** The content of the first record of the journal, whose chain must be unbroken. */
function originIn(dataDir: string): unknown {
  const database = openJournalDatabase(dataDir);
  expect(verifyChain(database).broken).toBeUndefined();
  const [first = ''] = [...exportRecords(database)];
  const { kind, changeId, content } = JSON.parse(first) as Record<string, string>;
  expect({ kind, changeId }).toEqual({ kind: 'origin', changeId: 0 });
  return JSON.parse(content ?? '');
}

describe('startNewJournal', () => {
  it('renames a journal with an altered record and starts one that names its file and head', () => {
    const { dataDir, head } = altered();
    const renewed = startNewJournal(dataDir, NOW);
    const expected = {
      previousFile: ASIDE,
      previousHead: head,
      reason: 'record 5: its hash does not match its content: it was altered',
    };
    expect(renewed).toMatchObject({ ...expected, head: { sequence: 1 } });
    expect(originIn(dataDir)).toEqual(expected);
    expect(new SqliteDatabase(join(dataDir, ASIDE), { readonly: true }).prepare('SELECT count(*) FROM record').pluck().get()).toBe(120);
    expect(statSync(databasePath(dataDir)).mode & 0o777).toBe(0o600);
  });

  it('numbers changes from 1 after the origin', () => {
    const { dataDir } = altered();
    startNewJournal(dataDir, NOW);
    const journal = new SqliteJournal(openJournalDatabase(dataDir));
    expect(journal.open(intent())).toBe(1);
    expect(journal.head().sequence).toBe(2);
    expect(journal.list({}, 10).map(({ id }) => id)).toEqual([1]);
  });

  it('names no head if none can be read, and keeps the bytes of the old file', () => {
    const dataDir = temporaryDirectory();
    writeFileSync(databasePath(dataDir), 'not a database\n'.repeat(100));
    const before = readFileSync(databasePath(dataDir));
    startNewJournal(dataDir, NOW);
    expect(originIn(dataDir)).toMatchObject({ previousFile: ASIDE, previousHead: null });
    expect(readFileSync(join(dataDir, ASIDE))).toEqual(before);
  });

  it('also renames a write-ahead log without its database', () => {
    const dataDir = temporaryDirectory();
    const database = openDatabase(dataDir);
    new SqliteJournal(database).open(intent());
    renameSync(`${databasePath(dataDir)}-wal`, join(dataDir, 'log'));
    database.close();
    rmSync(databasePath(dataDir));
    renameSync(join(dataDir, 'log'), `${databasePath(dataDir)}-wal`);
    startNewJournal(dataDir, NOW);
    expect(originIn(dataDir)).toMatchObject({ previousFile: ASIDE, previousHead: null });
    expect(existsSync(join(dataDir, `${ASIDE}-wal`))).toBe(true);
  });

  it('leaves an intact journal unchanged, and creates none if none exists', () => {
    const dataDir = temporaryDirectory();
    expect(refusal(() => startNewJournal(dataDir, NOW)).code).toBe('INVALID_REQUEST');
    expect(existsSync(databasePath(dataDir))).toBe(false);
    openDatabase(dataDir).close();
    expect(refusal(() => startNewJournal(dataDir, NOW))).toMatchObject({
      code: 'INVALID_REQUEST',
      message: `The journal in ${dataDir} is intact. There is nothing to renew.`,
    });
  });

  it('does nothing while a service is running', () => {
    const { dataDir } = altered();
    const lock = acquireServiceLock(dataDir);
    expect(refusal(() => startNewJournal(dataDir, NOW)).message).toContain(`in use by process ${process.pid}`);
    lock.release();
    expect(existsSync(join(dataDir, ASIDE))).toBe(false);
  });

  describe('if it is killed', () => {
    const rename = (dataDir: string, suffix: string): void => {
      renameSync(databasePath(dataDir) + suffix, join(dataDir, ASIDE + suffix));
    };
    const STEPS: readonly [string, (dataDir: string, renewal: Renewal) => void][] = [
      ['after saving its plan', () => undefined],
      [
        'after renaming the database but not its log',
        (dataDir) => {
          writeFileSync(`${databasePath(dataDir)}-wal`, 'the log');
          rename(dataDir, '');
        },
      ],
      [
        'after renaming all files',
        (dataDir) => {
          rename(dataDir, '');
        },
      ],
      [
        'after creating the tables',
        (dataDir) => {
          rename(dataDir, '');
          openHalfRenewed(dataDir).close();
        },
      ],
      [
        'after recording the origin',
        (dataDir, renewal) => {
          startNewJournal(dataDir, NOW);
          saveRenewal(dataDir, renewal);
        },
      ],
    ];

    it.each(STEPS)('%s, it blocks other uses and continues when run again', (_name, interrupt) => {
      const { dataDir, head } = altered();
      const damaged = readFileSync(databasePath(dataDir));
      const renewal = { previousFile: ASIDE, previousHead: head, reason: 'as it was found' };
      saveRenewal(dataDir, renewal);
      interrupt(dataDir, renewal);
      expect(refusal(() => openDatabase(dataDir)).message).toContain('its renewal was interrupted');

      startNewJournal(dataDir, new Date('2026-02-02T00:00:00.000Z'));
      expect(originIn(dataDir)).toEqual(renewal);
      expect(readFileSync(join(dataDir, ASIDE))).toEqual(damaged);
      expect(refusal(() => startNewJournal(dataDir, NOW)).code).toBe('INVALID_REQUEST');
    });

    it('reports a saved plan that cannot be read', () => {
      const { dataDir } = altered();
      saveRenewal(dataDir, { previousFile: ASIDE, previousHead: null, reason: '' });
      truncateSync(join(dataDir, 'journal-renewal.json'), 3);
      expect(refusal(() => startNewJournal(dataDir, NOW)).message).toContain('journal-renewal.json');
    });
  });
});
