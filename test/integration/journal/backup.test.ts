import SqliteDatabase from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { THIS_SERVICE } from '../../../src/application/ports/tokens.ts';
import { ConntrackError } from '../../../src/domain/conntrack-error.ts';
import { archiveJournal } from '../../../src/journal/archive/archive-journal.ts';
import { verifyArchives } from '../../../src/journal/archive/verify-archives.ts';
import { backUpJournal } from '../../../src/journal/backup-journal.ts';
import { DATABASE_FILE } from '../../../src/journal/file/database.ts';
import { acquireServiceLock } from '../../../src/journal/file/journal-lock.ts';
import { openDatabase } from '../../../src/journal/open-database.ts';
import { openDatabaseReadOnly } from '../../../src/journal/read-only.ts';
import { exportRecords, verifyChain } from '../../../src/journal/record/chain.ts';
import { SqliteJournal } from '../../../src/journal/record/sqlite-journal.ts';
import { restoreJournal, type RestorePreview } from '../../../src/journal/restore-journal.ts';
import { SqliteTokens } from '../../../src/journal/tokens/sqlite-tokens.ts';
import { intent } from '../../support/intent.ts';
import { applied } from './changes.ts';
import { SettableClock } from './settable-clock.ts';
import { databasePath, openJournalDatabase, refusal, startChild, tamper, temporaryDirectory } from './support.ts';

const NOW = new Date('2026-03-01T00:00:00.000Z');
const FORMER = join(import.meta.dirname, '../../fixtures/journal-56e428d/data', DATABASE_FILE);
const MAIN = join(import.meta.dirname, '../../../src/main.ts');

function fixture(dataDir = temporaryDirectory()) {
  const database = openJournalDatabase(dataDir);
  const journal = new SqliteJournal(database);
  const tokens = new SqliteTokens(database, new SettableClock(NOW.toISOString()));
  const changes = (count: number): void => {
    for (let done = 0; done < count; done++) journal.close(journal.open(intent()), applied());
  };
  const file = join(temporaryDirectory(), 'backup');
  const backUp = (to = file, force = false) => backUpJournal({ dataDir, to, force });
  return { dataDir, database, journal, tokens, changes, file, backUp };
}

/** Restores and returns what was asked. */
async function restore(dataDir: string, file: string, answer = true): Promise<RestorePreview | undefined> {
  let preview: RestorePreview | undefined;
  const confirm = (asked: RestorePreview): Promise<boolean> => {
    preview = asked;
    return Promise.resolve(answer);
  };
  const restored = await restoreJournal({ dataDir, file, by: THIS_SERVICE, now: NOW, confirm });
  expect(restored !== undefined).toBe(answer);
  return preview;
}

async function restoreRefusal(dataDir: string, file: string): Promise<ConntrackError> {
  return restore(dataDir, file).then(
    () => expect.unreachable('the restore succeeded'),
    (error: unknown) => (error instanceof ConntrackError ? error : expect.unreachable(String(error))),
  );
}

function recordsIn(path: string): readonly string[] {
  const database = openDatabaseReadOnly(path);
  try {
    expect(verifyChain(database)).not.toHaveProperty('broken');
    expect(verifyChain(database)).not.toHaveProperty('alteredTokens');
    return [...exportRecords(database)];
  } finally {
    database.close();
  }
}

describe('journal backup', () => {
  it('copies all records and tokens, beside processes that record changes', async () => {
    const { dataDir, database, tokens, changes, backUp, file } = fixture();
    const { secret } = tokens.create('a', ['table:read'], null);
    changes(300);
    const writers = [1, 2].map(() => startChild('open-changes', [dataDir, '400']));
    await Promise.all(writers.map(({ lines }) => lines.next()));
    const heads = [1, 2, 3].map((number) => backUp(`${file}-${number}`).head.sequence);
    for (const { exited } of writers) expect(await exited).toMatchObject({ code: 0 });
    const all = [...exportRecords(database)];
    expect(heads[0]).toBeGreaterThan(601);
    for (const [index, sequence] of heads.entries()) {
      const path = `${file}-${index + 1}`;
      expect(recordsIn(path)).toEqual(all.slice(0, sequence));
      expect(statSync(path).mode & 0o777).toBe(0o600);
      const copy = openDatabaseReadOnly(path);
      expect(new SqliteTokens(copy, new SettableClock(NOW.toISOString())).authenticate(secret).name).toBe('a');
      copy.close();
    }
  });

  it('never replaces a file unless forced, and never a link, a directory, a device or the journal', () => {
    const { dataDir, changes, backUp, file } = fixture();
    changes(1);
    writeFileSync(file, 'mine');
    expect(refusal(() => backUp())).toMatchObject({
      code: 'INVALID_REQUEST',
      details: { remedy: expect.stringContaining('--force') as string },
    });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect(backUp(file, true).head.sequence).toBe(2);
    expect(recordsIn(file)).toHaveLength(2);

    const target = join(temporaryDirectory(), 'target');
    writeFileSync(target, 'mine');
    symlinkSync(target, `${file}-link`);
    symlinkSync(join(target, 'nowhere'), `${file}-dangling`);
    mkdirSync(`${file}-directory`);
    for (const path of [`${file}-link`, `${file}-dangling`, `${file}-directory`, '/dev/null']) {
      expect(refusal(() => backUp(path, true)).message).toContain('not a regular file');
    }
    for (const name of [DATABASE_FILE, `${DATABASE_FILE}-wal`, 'service.lock', 'samples.sqlite3']) {
      expect(refusal(() => backUp(join(dataDir, name), true)).message).toContain('the service uses this name');
    }
    expect([readFileSync(target, 'utf8'), lstatSync(`${file}-link`).isSymbolicLink()]).toEqual(['mine', true]);
    expect(verifyChain(openDatabaseReadOnly(dataDir)).records).toBe(2);
  });

  it('refuses a broken journal and a directory that cannot be written, and leaves nothing there', () => {
    const { dataDir, database, changes, backUp, file } = fixture();
    changes(3);
    for (const path of [join(file, 'missing', 'b'), '/sys/kernel/b', join(databasePath(dataDir), 'b')]) {
      expect(refusal(() => backUp(path))).toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
    }
    tamper(database, "UPDATE record SET content = replace(content, 'black', 'white') WHERE sequence = 3");
    expect(refusal(() => backUp()).message).toContain('record 3 is broken');
    expect(readdirSync(join(file, '..'))).toEqual([]);
  });

  it.each(['backup', 'restore'])('%s: reports a full disk, leaves nothing behind and the journal as it was', (command) => {
    const { dataDir, journal, database, changes, backUp, file } = fixture();
    changes(40);
    if (command === 'restore') backUp();
    const head = journal.head();
    database.close();
    const names = readdirSync(dataDir);
    const parameters = [MAIN, 'journal', command, file, '--data-dir', dataDir, ...(command === 'restore' ? ['--yes'] : [])];
    const limited = ['-c', 'ulimit -f 64 && exec "$@"', 'sh', process.execPath, ...parameters];
    const { status, stderr } = spawnSync('/bin/sh', limited, { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringContaining('JOURNAL_UNAVAILABLE') as string });
    expect(readdirSync(dataDir).filter((name) => name !== 'service.lock')).toEqual(names);
    expect(readdirSync(join(file, '..'))).toEqual(command === 'restore' ? ['backup'] : []);
    expect(new SqliteJournal(openJournalDatabase(dataDir)).head()).toEqual(head);
  });
});

describe('journal restore', () => {
  it('replaces the journal, keeps it, and records both heads in the restored chain', async () => {
    const { dataDir, database, journal, changes, backUp, file } = fixture();
    changes(3);
    const { head } = backUp();
    const backedUp = recordsIn(file);
    changes(2);
    const replaced = journal.head();
    const records = [...exportRecords(database)];
    database.close();
    expect(await restore(dataDir, file)).toMatchObject({ restored: head, replaced: { head: replaced } });

    const restored = recordsIn(dataDir);
    expect(restored.slice(0, -1)).toEqual(backedUp);
    const { kind, changeId, content } = JSON.parse(restored.at(-1) ?? '') as Record<string, unknown>;
    expect({ kind, changeId }).toEqual({ kind: 'restore', changeId: 0 });
    const previousFile = `${DATABASE_FILE}.aside-2026-03-01T000000.000Z`;
    expect(JSON.parse(String(content))).toMatchObject({ file, restored: head, replaced, previousFile });
    expect(recordsIn(join(dataDir, previousFile))).toEqual(records);
    expect(fixture(dataDir).journal.nextId()).toBe(4);
  });

  it('names the tokens that become valid again, valid for longer, or invalid', async () => {
    const { dataDir, database, tokens, backUp, file } = fixture();
    const [kept, revoked, rotated] = ['kept', 'revoked', 'rotated'].map((name) => tokens.create(name, ['table:read'], null));
    tokens.revoke(tokens.create('long gone', ['table:read'], null).token.id);
    backUp();
    tokens.revoke(revoked?.token.id ?? '');
    const successor = tokens.rotate(rotated?.token.id ?? '', 3_600);
    const later = tokens.create('later', ['table:read'], null);
    database.close();
    const preview = await restore(dataDir, file);
    expect(preview?.returning.map(({ name, now }) => [name, now])).toEqual([
      ['revoked', `revoked ${NOW.toISOString()}`],
      ['rotated', 'expires 2026-03-01T01:00:00.000Z'],
    ]);
    expect(preview?.lost.map(({ id }) => id)).toEqual([successor.token.id, later.token.id]);
    const { tokens: restored } = fixture(dataDir);
    expect([kept, revoked, rotated].map((token) => restored.authenticate(token?.secret ?? '').name)).toEqual([
      'kept',
      'revoked',
      'rotated',
    ]);
    expect(refusal(() => restored.authenticate(later.secret)).code).toBe('UNAUTHENTICATED');
  });

  it('changes nothing if it is not confirmed, while a service runs, or if another command has the journal open', async () => {
    const { dataDir, database, journal, changes, backUp, file } = fixture();
    changes(1);
    backUp();
    changes(1);
    const head = journal.head();
    await restore(dataDir, file, false);
    expect((await restoreRefusal(dataDir, file)).message).toContain('SQLITE_BUSY');
    database.close();
    const lock = acquireServiceLock(dataDir);
    expect((await restoreRefusal(dataDir, file)).message).toContain(`in use by process ${process.pid}`);
    lock.release();
    expect(fixture(dataDir).journal.head()).toEqual(head);
    expect(readdirSync(dataDir).filter((name) => /aside|restor/.test(name))).toEqual([]);
  });

  it('refuses if the journal changes after it was confirmed', async () => {
    const { dataDir, database, changes, backUp, file } = fixture();
    changes(1);
    backUp();
    database.close();
    const confirm = (): Promise<boolean> => {
      const other = openDatabase(dataDir);
      new SqliteJournal(other).open(intent());
      other.close();
      return Promise.resolve(true);
    };
    await expect(restoreJournal({ dataDir, file, by: THIS_SERVICE, now: NOW, confirm })).rejects.toThrow('another command has changed it');
    expect(fixture(dataDir).journal.pending()).toHaveLength(1);
  });

  it.each<readonly [string, (file: string) => void, RegExp]>([
    [
      'is not a database',
      (file) => {
        writeFileSync(file, 'not a database\n'.repeat(100));
      },
      /file is not a database/,
    ],
    [
      'is empty',
      (file) => {
        truncateSync(file, 0);
      },
      /another program/,
    ],
    [
      'is truncated',
      (file) => {
        truncateSync(file, statSync(file).size / 2);
      },
      /malformed|SQLITE_CORRUPT/,
    ],
    [
      'has an altered record',
      (file) => {
        alter(file, "UPDATE record SET content = replace(content, 'black', 'white') WHERE sequence = 3");
      },
      /record 3 is broken/,
    ],
    [
      'lacks a record',
      (file) => {
        alter(file, 'DELETE FROM record WHERE sequence = 2');
      },
      /record 3 is broken/,
    ],
    [
      'lacks a row of a derived table',
      (file) => {
        alter(file, 'DELETE FROM change_subject');
      },
      /derived tables/,
    ],
    [
      'is of a newer version',
      (file) => {
        alter(file, "INSERT INTO migration (number, name, sha256) SELECT 99, '0099_later.sql', sha256 FROM migration WHERE number = 1");
      },
      /0099_later.sql.*not part of this version/,
    ],
    [
      'was created by other migrations',
      (file) => {
        alter(file, "UPDATE migration SET sha256 = replace(sha256, 'a', 'b')");
      },
      /was applied with SHA-256/,
    ],
    [
      'is the database of another program',
      (file) => {
        alter(file, 'PRAGMA application_id = 1');
      },
      /another program/,
    ],
    [
      'may be written by others',
      (file) => {
        chmodSync(file, 0o622);
      },
      /mode 0622/,
    ],
    [
      'does not exist',
      (file) => {
        renameSync(file, `${file}-elsewhere`);
      },
      /ENOENT/,
    ],
    [
      'is a dangling link',
      (file) => {
        renameSync(file, `${file}-elsewhere`);
        symlinkSync('nowhere', file);
      },
      /ENOENT/,
    ],
    [
      'is a pipe',
      (file) => {
        renameSync(file, `${file}-elsewhere`);
        spawnSync('mkfifo', [file]);
      },
      /pipe/,
    ],
  ])('refuses a file that %s, and changes nothing', async (_what, spoil, reason) => {
    const { dataDir, database, journal, changes, backUp, file } = fixture();
    changes(4);
    backUp();
    const head = journal.head();
    database.close();
    spoil(file);
    const refused = await restoreRefusal(dataDir, file);
    expect(refused).toMatchObject({ code: 'JOURNAL_UNAVAILABLE', message: expect.stringMatching(reason) as string });
    expect(refused.message).toContain(file);
    expect(fixture(dataDir).journal.head()).toEqual(head);
    expect(readdirSync(dataDir).filter((name) => /aside|restor/.test(name))).toEqual([]);
  });

  it('works on a host without a journal, over one that cannot be read, through a link, and for a journal of an earlier version', async () => {
    const fresh = join(temporaryDirectory(), 'new');
    const former = join(temporaryDirectory(), 'former');
    cpSync(FORMER, former);
    chmodSync(former, 0o600);
    const link = join(temporaryDirectory(), 'link');
    symlinkSync(former, link);
    expect(await restore(fresh, link)).not.toHaveProperty('replaced');
    expect(recordsIn(fresh)).toHaveLength(145);
    expect(readdirSync(fresh).filter((name) => name.includes('aside'))).toEqual([]);

    const { dataDir, database, changes } = fixture();
    changes(2);
    database.close();
    writeFileSync(databasePath(dataDir), 'damaged\n'.repeat(1_000));
    expect(await restore(dataDir, former)).toMatchObject({
      replaced: { head: null, problem: expect.stringContaining('not a database') as string },
    });
    expect(recordsIn(dataDir)).toHaveLength(145);
    expect(readFileSync(join(dataDir, `${DATABASE_FILE}.aside-2026-03-01T000000.000Z`), 'utf8')).toContain('damaged');
  });

  it('restores a journal of which records are archived, with its archives', async () => {
    const { dataDir, database, changes, tokens, backUp, file } = fixture();
    const archive = (name: string, keep: number) => archiveJournal(database, { keep, to: join(dataDir, name), by: THIS_SERVICE, now: NOW });
    const { secret } = tokens.create('a', ['table:read'], null);
    changes(6);
    backUp(`${file}-before`);
    archive('one', 2);
    changes(3);
    backUp();
    archive('two', 1);
    database.close();
    const restored = async (from: string, ...archives: readonly string[]) => {
      await restore(dataDir, from);
      const again = fixture(dataDir);
      expect(verifyChain(again.database)).not.toHaveProperty('broken');
      expect(again.tokens.authenticate(secret).name).toBe('a');
      if (archives.length > 0) {
        expect(
          verifyArchives(
            again.database,
            archives.map((name) => join(dataDir, name)),
          ).broken,
        ).toBeUndefined();
      }
      again.changes(1);
      again.database.close();
    };
    await restored(file, 'one');
    await restored(`${file}-before`);
    expect(existsSync(join(dataDir, 'one'))).toBe(true);
    const aside = `${DATABASE_FILE}.aside-2026-03-01T000000.000Z`;
    expect(readdirSync(dataDir).filter((name) => name.includes('aside'))).toEqual([aside, `${aside}-2`]);
  });
});

/** Changes a copy without this product. */
function alter(file: string, statement: string): void {
  const raw = new SqliteDatabase(file);
  for (const { name } of raw.prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all())
    raw.exec(`DROP TRIGGER ${name}`);
  raw.exec(statement);
  raw.close();
}
