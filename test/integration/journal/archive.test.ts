import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CountChanges } from '../../../src/application/change/count-changes.ts';
import { Confirmations } from '../../../src/application/change/confirmations.ts';
import { lastConfirmedChange } from '../../../src/application/change/last-confirmed.ts';
import { THIS_SERVICE } from '../../../src/application/ports/tokens.ts';
import type { Intent } from '../../../src/domain/change.ts';
import { archiveJournal } from '../../../src/journal/archive/archive-journal.ts';
import type { ArchiveLimits } from '../../../src/journal/archive/select-prefix.ts';
import { verifyArchives } from '../../../src/journal/archive/verify-archives.ts';
import type { Database } from '../../../src/journal/file/database.ts';
import { exportRecords, verifyChain } from '../../../src/journal/record/chain.ts';
import { SqliteJournal } from '../../../src/journal/record/sqlite-journal.ts';
import { SqliteTokens } from '../../../src/journal/tokens/sqlite-tokens.ts';
import { intent } from '../../support/intent.ts';
import { applied } from './changes.ts';
import { SettableClock } from './settable-clock.ts';
import { connectionOf, openJournalDatabase, refusal, startChild, tamper, temporaryDirectory } from './support.ts';

const NOW = new Date('2026-03-01T00:00:00.000Z');
const VERIFIER = join(import.meta.dirname, '../../../docs/verify-export.py');

const day = (number: number): Date => new Date(Date.UTC(2026, 0, number));

function fixture(dataDir = temporaryDirectory()) {
  const database = openJournalDatabase(dataDir);
  const journal = new SqliteJournal(database);
  const set = (name: string, before: number, requested: number, parts: Partial<Intent> = {}): number => {
    const id = journal.open(intent({ settings: [{ name, before, requested }], startedAt: day(journal.nextId()), ...parts }));
    journal.close(id, applied({ [name]: requested }));
    return id;
  };
  /** Changes of udp_timeout, each by one. */
  const many = (count: number): void => {
    database.write(() => {
      for (let value = 0; value < count; value++) set('udp_timeout', value, value + 1);
    });
  };
  const file = (name = 'archive.ndjson'): string => join(dataDir, name);
  const archive = (limits: ArchiveLimits, name?: string) =>
    archiveJournal(database, { ...limits, to: file(name), by: THIS_SERVICE, now: NOW });
  return { dataDir, database, journal, set, many, file, archive };
}

function exported(database: Database): string {
  return [...exportRecords(database)].map((line) => `${line}\n`).join('');
}

function pythonVerdict(text: string, ...parameters: readonly string[]): string {
  const { stdout, stderr } = spawnSync('python3', [VERIFIER, ...parameters], { input: text, encoding: 'utf8' });
  return stdout + stderr;
}

describe('journal archive', () => {
  it.each([
    ['removes the file that it wrote', 'second.ndjson', false],
    ['keeps the file of the other process, if both have the same', 'first.ndjson', true],
  ])('refused because another process archived the records meanwhile, %s', (_what, name, remains) => {
    const { dataDir, database, many, file, archive } = fixture();
    many(20);
    const other = fixture(dataDir);
    const write = database.write.bind(database);
    let isFirst = true;
    const meanwhile: Database['write'] = (action) => {
      if (isFirst) {
        isFirst = false;
        other.archive({ keep: 5 }, 'first.ndjson');
      }
      return write(action);
    };
    if (remains) other.archive({ keep: 15 }, 'zero.ndjson');
    database.write = meanwhile;
    if (remains) writeFileSync(file(name), exported(database).split('\n').slice(0, 20).join('\n').concat('\n'));
    expect(refusal(() => archive({ keep: 5 }, name))).toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
    database.write = write;
    expect(existsSync(file(name))).toBe(remains);
    const files = [...(remains ? ['zero.ndjson'] : []), 'first.ndjson'].map((each) => file(each));
    expect(verifyArchives(database, files).broken).toBeUndefined();
    expect(archive({ keep: 2 }, 'third.ndjson').prefix).toBeDefined();
  });

  it('moves the oldest changes to a file that the database continues, both verifiable without this code', () => {
    const { database, journal, many, file, archive } = fixture();
    many(40);
    const before = exported(database);
    const { prefix, archive: made } = archive({ keep: 10 });
    expect(prefix).toMatchObject({ change: 30, through: { sequence: 60 } });
    expect(made).toMatchObject({ change: 30, records: 60 });
    const text = readFileSync(file(), 'utf8');
    expect(before.startsWith(text)).toBe(true);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(pythonVerdict(text)).toMatch(/^60 records, unbroken/);

    const head = journal.head();
    expect(pythonVerdict(text + exported(database), `${head.sequence}:${head.hash}`)).toBe(`81 records, unbroken, head 81:${head.hash}\n`);
    const { sequence, hash } = prefix?.through ?? head;
    expect(pythonVerdict(exported(database), '--after', `${sequence}:${hash}`)).toBe(`21 records, unbroken, head 81:${head.hash}\n`);
    expect(pythonVerdict(exported(database), '--after', `${sequence}:${head.hash}`)).toContain('BROKEN at record 61');
    const { archived, ...verified } = verifyChain(database);
    expect(verified).toEqual({ records: 21, head });
    expect(archived).toMatchObject({ change: 30, file: file(), through: { sequence: 60 } });
    expect(journal.list({}, 100).map(({ id }) => id)).toEqual([40, 39, 38, 37, 36, 35, 34, 33, 32, 31]);
    expect(refusal(() => journal.get(7))).toMatchObject({ code: 'ARCHIVED', message: expect.stringContaining(file()) as string });
    expect(refusal(() => journal.get(99)).code).toBe('CHANGE_NOT_FOUND');
  });

  it('continues with further archives, which are verified together, also if all changes are archived', () => {
    const { database, journal, many, set, file, archive } = fixture();
    many(6);
    archive({ keep: 3 }, 'one');
    many(4);
    archive({ keep: 0 }, 'two');
    expect(journal.nextId()).toBe(11);
    expect(set('udp_timeout', 4, 5)).toBe(11);
    const files = [file('one'), file('two')];
    expect(verifyArchives(database, files)).toEqual({ records: 21, hasAnchor: false });
    expect(verifyChain(database)).toMatchObject({ records: 3, archived: { change: 10 } });
    expect(pythonVerdict(files.map((name) => readFileSync(name, 'utf8')).join('') + exported(database))).toMatch(/^24 records, unbroken/);

    expect(verifyArchives(database, files.slice(1)).broken).toContain('a file is missing');
    expect(verifyArchives(database, files.slice(0, 1)).broken).toContain('a file is missing');
    expect(verifyArchives(database, [file('one'), file('three')]).broken).toContain('does not exist');
    expect(refusal(() => archive({ keep: 0 }, 'one')).message).toContain('exists and does not contain the next records');
  });

  it('detects an altered archive, a removed record and an anchor in the archive', () => {
    const { database, journal, many, file, archive } = fixture();
    many(5);
    const early = journal.head();
    many(5);
    archive({ keep: 2 });
    expect(verifyArchives(database, [file()], early)).toMatchObject({ hasAnchor: true });
    expect(refusal(() => verifyChain(database, early)).code).toBe('ARCHIVED');
    const other = { ...early, hash: 'a'.repeat(64) };
    expect(verifyArchives(database, [file()], other).broken).toContain('the anchor');
    const text = readFileSync(file(), 'utf8');
    writeFileSync(file(), text.replace('black friday', 'white friday'));
    expect(refusal(() => verifyArchives(database, [file()])).message).toContain('record 1 is broken');
    writeFileSync(file(), text.slice(0, -100));
    expect(refusal(() => verifyArchives(database, [file()])).message).toContain('in the middle of a line');
    tamper(database, "DELETE FROM record WHERE kind = 'archive'");
    expect(verifyChain(database).broken).toBeDefined();
  });

  it.each([
    ['DELETE FROM record WHERE sequence = 1', 'it was removed'],
    [`UPDATE record SET content = replace(content, '131072', '999999') WHERE sequence = 1`, 'it was altered'],
    ["UPDATE record SET content = replace(content, '\"records\":12', '\"records\":11') WHERE kind = 'archive'", 'it was altered'],
    [
      `INSERT INTO record (sequence, kind, change_id, recorded_at, previous_hash, hash, content)
         SELECT 3, kind, 2, recorded_at, previous_hash, hash, content FROM record WHERE sequence = 1`,
      'altered',
    ],
  ])('detects an edit of what stays in the database: %s', (statement, reason) => {
    const { database, set, many, archive } = fixture();
    set('max', 65_536, 131_072);
    many(6);
    archive({ keep: 1 });
    expect(verifyChain(database).broken).toBeUndefined();
    tamper(database, statement);
    expect(verifyChain(database).broken?.reason).toContain(reason);
  });

  it('keeps what settings depend on: the last change of each, and the last confirmed one with its window', () => {
    const { database, journal, set, many, archive } = fixture();
    const window = { withinSeconds: 60, deadline: { bootId: null, milliseconds: 1 }, persist: false };
    set('max', 65_536, 131_072);
    const windowed = set('max', 131_072, 200_000, { confirm: window });
    const confirmation = journal.open(intent({ kind: 'confirmation', relatesTo: windowed, settings: [], startedAt: day(3) }));
    journal.close(confirmation, applied({}));
    set('acct', 0, 1, { confirm: window });
    const reverted = journal.open(
      intent({ kind: 'auto-revert', rollbackOf: 4, settings: [{ name: 'acct', before: 1, requested: 0 }], startedAt: day(5) }),
    );
    journal.close(reverted, applied({ acct: 0 }));
    set('helper', 0, 1);
    set('helper', 1, 0, { kind: 'drift' });
    many(20);
    const confirmations = new Confirmations(journal);
    const names = ['max', 'acct', 'helper', 'udp_timeout'];
    const state = () =>
      names.map((name) => [
        journal.lastToAlter(name, 0),
        lastConfirmedChange(journal, (change) => confirmations.windowOf(change), name)?.id,
      ]);
    const before = state();
    expect(before).toEqual([
      [2, 2],
      [5, 5],
      [7, 6],
      [27, 27],
    ]);
    archive({ keep: 5 });
    expect(state()).toEqual(before);
    expect(journal.list({}, 100).map(({ id }) => id)).toEqual([27, 26, 25, 24, 23, 7, 6, 5, 3, 2]);
    archive({ keep: 1 }, 'second');
    expect(state()).toEqual(before);
    expect(verifyChain(database).broken).toBeUndefined();
  });

  it.each<readonly [string, (with_: ReturnType<typeof fixture>) => void, string]>([
    [
      'awaits confirmation',
      ({ set }) => set('max', 1, 2, { confirm: { withinSeconds: 60, deadline: { bootId: null, milliseconds: 1 }, persist: false } }),
      'change 6 awaits confirmation',
    ],
    ['is in flight', ({ journal }) => journal.open(intent()), 'change 6 has no outcome yet'],
    [
      'has an Idempotency-Key of the last 24 hours',
      ({ set }) => set('max', 1, 2, { startedAt: new Date(NOW.getTime() - 23 * 3_600_000), idempotency: { key: 'k', fingerprint: 'f' } }),
      'change 6 has an Idempotency-Key',
    ],
  ])('stops before a change that %s, and names it', (_what, prepare, blockedBy) => {
    const with_ = fixture();
    with_.many(5);
    prepare(with_);
    with_.archive({ keep: 0 }, 'first');
    const { prefix, blockedBy: why } = with_.archive({ keep: 0 });
    expect(prefix).toBeUndefined();
    expect(why).toContain(blockedBy);
    expect(verifyArchives(with_.database, [with_.file('first')])).toMatchObject({ records: 10 });
  });

  it('archives by age, and does nothing if nothing is old enough', () => {
    const { many, archive, file } = fixture();
    many(20);
    expect(archive({ before: day(1) })).not.toHaveProperty('archive');
    expect(existsSync(file())).toBe(false);
    expect(archive({ before: day(11), keep: 2 }).prefix).toMatchObject({ change: 10 });
    expect(archive({ before: day(11) }, 'next')).not.toHaveProperty('prefix');
  });

  it('keeps tokens valid, revocations in force, and Idempotency-Keys', () => {
    const { database, journal, set, many, archive, file } = fixture();
    const tokens = new SqliteTokens(database, new SettableClock(NOW.toISOString()));
    const { token, secret } = tokens.create('a', ['table:read'], null);
    const revoked = tokens.create('b', ['tokens:admin'], null);
    tokens.revoke(revoked.token.id, { evenLastAdmin: true });
    many(4);
    const startedAt = new Date(NOW.getTime() - 3_600_000);
    const replayable = set('max', 1, 2, { startedAt, idempotency: { key: 'k', fingerprint: 'f' } });
    archive({ keep: 0 });
    expect(tokens.authenticate(secret).id).toBe(token.id);
    expect(tokens.recordsOf(token.id)).toMatchObject([{ action: 'carried', after: { name: 'a', revokedAt: null } }]);
    expect(verifyChain(database)).not.toHaveProperty('alteredTokens');
    expect(journal.findByKey('a1b2c3d4e5f6', 'k', startedAt)?.id).toBe(replayable);
    expect(readFileSync(file(), 'utf8')).toContain(token.id);
    tamper(database, 'UPDATE token SET revoked_at = NULL');
    expect(refusal(() => tokens.authenticate(revoked.secret)).code).toBe('TOKEN_ALTERED');
  });

  it('makes the database smaller, and keeps the counts of changes', async () => {
    const { database, journal, many, archive } = fixture();
    many(3_000);
    const counted = await new CountChanges(journal).run();
    const running = new CountChanges(journal);
    await running.run();
    connectionOf(database).pragma('wal_checkpoint(TRUNCATE)');
    const { bytes } = archive({ keep: 10 });
    expect(bytes[1]).toBeLessThan(bytes[0] / 8);
    expect(statSync(database.path).size).toBeLessThanOrEqual(bytes[1]);
    for (const counts of [new CountChanges(journal), running]) expect(await counts.run()).toEqual(counted);
  });

  it('refuses a journal that is broken, and changes nothing', () => {
    const { database, many, archive, file } = fixture();
    many(5);
    tamper(database, "UPDATE record SET content = replace(content, 'black', 'white') WHERE sequence = 3");
    expect(refusal(() => archive({ keep: 0 })).message).toContain('record 3 is broken');
    expect(existsSync(file())).toBe(false);
  });

  it('is protected by the schema: only archived records can be deleted', () => {
    const { database, many, archive } = fixture();
    many(5);
    archive({ keep: 2 });
    for (const sequence of [7, 8, 10, 11]) {
      expect(() => connectionOf(database).exec(`DELETE FROM record WHERE sequence = ${sequence}`)).toThrow(
        'never deleted before it is archived',
      );
    }
  });

  it('runs beside processes that record changes', async () => {
    const { dataDir, database, many, archive, file } = fixture();
    many(2_000);
    const writers = [1, 2].map(() => startChild('open-changes', [dataDir, '60']));
    for (const { lines } of writers) await lines.next();
    archive({ before: day(1_900) });
    for (const { exited } of writers) expect(await exited).toEqual({ code: 0, errors: '' });
    expect(verifyChain(database).broken).toBeUndefined();
    expect(verifyArchives(database, [file()])).not.toHaveProperty('broken');
    expect(pythonVerdict(readFileSync(file(), 'utf8') + exported(database))).toContain('unbroken');
  });
});
