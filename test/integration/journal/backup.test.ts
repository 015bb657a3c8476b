import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DATABASE_FILE } from '../../../src/journal/file/database.ts';
import { openDatabaseReadOnly } from '../../../src/journal/read-only.ts';
import { exportRecords, verifyChain } from '../../../src/journal/record/chain.ts';
import { SqliteJournal } from '../../../src/journal/record/sqlite-journal.ts';
import { SqliteTokens } from '../../../src/journal/tokens/sqlite-tokens.ts';
import { SettableClock } from './settable-clock.ts';
import { databasePath, openJournalDatabase, refusal, startChild, tamper, temporaryDirectory } from './support.ts';

import { fixture, MAIN, NOW, recordsIn } from './backup-fixture.ts';

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
