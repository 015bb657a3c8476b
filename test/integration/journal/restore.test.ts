import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
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
import { archiveJournal } from '../../../src/journal/archive/archive-journal.ts';
import { verifyArchives } from '../../../src/journal/archive/verify-archives.ts';
import { DATABASE_FILE } from '../../../src/journal/file/database.ts';
import { acquireServiceLock } from '../../../src/journal/file/journal-lock.ts';
import { openDatabase } from '../../../src/journal/open-database.ts';
import { exportRecords, verifyChain } from '../../../src/journal/record/chain.ts';
import { SqliteJournal } from '../../../src/journal/record/sqlite-journal.ts';
import { restoreJournal } from '../../../src/journal/restore-journal.ts';
import { intent } from '../../support/intent.ts';
import { databasePath, refusal, temporaryDirectory } from './support.ts';

import { alter, fixture, FORMER, NOW, recordsIn, restore, restoreRefusal } from './backup-fixture.ts';

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
