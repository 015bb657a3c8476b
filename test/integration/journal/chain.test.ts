import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { exportRecords, head, verifyChain, verifyChainInSteps } from '../../../src/journal/record/chain.ts';
import type { Database } from '../../../src/journal/file/database.ts';
import { SqliteJournal } from '../../../src/journal/record/sqlite-journal.ts';
import { applied } from './changes.ts';
import { intent } from '../../support/intent.ts';
import { connectionOf, openJournalDatabase, tamper } from './support.ts';

/** A journal of this many changes, all closed except the last. */
function recorded(changes: number): Database {
  const database = openJournalDatabase();
  const journal = new SqliteJournal(database);
  database.write(() => {
    for (let id = 1; id <= changes; id++) {
      journal.open(intent({ requestId: `req-${id}` }));
      if (id < changes) journal.close(id, applied());
    }
  });
  return database;
}

describe('the schema', () => {
  it.each([
    ['UPDATE record SET recorded_at = recorded_at', 'a record is never updated'],
    ['DELETE FROM record WHERE sequence = 5', 'a record is never deleted'],
    [
      "INSERT OR REPLACE INTO record SELECT sequence, kind, change_id, recorded_at, previous_hash, hash, '{}' FROM record WHERE sequence = 2",
      /at its head|closed already/,
    ],
    ["UPDATE change_subject SET subject = 'acct'", 'never updated'],
    ['DELETE FROM change_subject', 'never deleted'],
    ['DELETE FROM open_change', 'a change stays open until its outcome is recorded'],
  ])('refuses %s', (statement, message) => {
    expect(() => connectionOf(recorded(3)).exec(statement)).toThrow(message);
  });

  it.each([
    ['intent', 4, 7, 'at its head'],
    ['intent', 5, 6, 'numbered from 1 without gaps'],
    ['intent', 3, 6, 'numbered from 1 without gaps'],
    ['outcome', 2, 6, 'closed already'],
    ['outcome', 9, 6, 'never opened'],
    ['note', 0, 6, 'an intent, an outcome, an origin, of a token, of an archive, of a restore, of the guard or of the desired state'],
    ['token', 4, 6, 'no other record does'],
    ['intent', 0, 6, 'numbered from 1 without gaps'],
  ])('refuses a record %s of change %d as number %d', (kind, change, sequence, message) => {
    const database = recorded(3);
    const insert = connectionOf(database).prepare(
      `INSERT INTO record (sequence, kind, change_id, recorded_at, previous_hash, hash, content) VALUES (?, ?, ?, '2026-01-01T00:00:00.000Z', ?, ?, '{}')`,
    );
    expect(() => insert.run(sequence, kind, change, head(database).hash, 'a'.repeat(64))).toThrow(message);
  });
});

describe('verifyChain', () => {
  it('finds no break in an unaltered journal, and returns its head', () => {
    const database = recorded(3);
    expect(verifyChain(database)).toEqual({ records: 5, head: head(database) });
    expect(head(database)).toMatchObject({ sequence: 5 });
  });

  it('returns 64 zeros as the head of an empty journal', () => {
    expect(verifyChain(openJournalDatabase())).toEqual({ records: 0, head: { sequence: 0, hash: '0'.repeat(64) } });
  });

  it.each([
    ["UPDATE record SET content = replace(content, 'req-2', 'req-9') WHERE sequence = 3", 3, 'it was altered'],
    ["UPDATE record SET recorded_at = '2027-01-01T00:00:00.000Z' WHERE sequence = 2", 2, 'it was altered'],
    ['UPDATE record SET change_id = 7 WHERE sequence = 4', 4, 'it was altered'],
    [`UPDATE record SET hash = '${'a'.repeat(64)}' WHERE sequence = 1`, 1, 'it was altered'],
    ['DELETE FROM record WHERE sequence = 3', 4, 'records were removed'],
    ['DELETE FROM record WHERE sequence = 1', 2, 'records were removed'],
    ['DELETE FROM change_subject WHERE change_id = 2', 3, 'differ from the records of change 2'],
    ['DELETE FROM open_change', 5, 'differ from the records of change 3'],
    ['INSERT INTO open_change VALUES (99)', 0, 'differ from the records of change 99'],
    ['INSERT INTO open_change VALUES (1)', 1, 'differ from the records of change 1'],
  ])('finds a manual edit: %s', (statement, sequence, reason) => {
    const database = recorded(3);
    tamper(database, statement);
    const { broken } = verifyChain(database);
    expect(broken?.sequence).toBe(sequence);
    expect(broken?.reason).toContain(reason);
  });

  it('finds an inserted record even if its own hash is correct', () => {
    const database = recorded(3);
    const [second] = [...exportRecords(database)].slice(1, 2).map((line) => JSON.parse(line) as { hash: string });
    const lines = ['conntrack-api record 1', 3, 'intent', 9, '2026-01-01T00:00:00.000Z', second?.hash, '{}'];
    const hash = createHash('sha256').update(lines.join('\n')).digest('hex');
    tamper(
      database,
      'UPDATE record SET sequence = sequence + 1000 WHERE sequence > 2',
      'UPDATE record SET sequence = sequence - 999 WHERE sequence > 1000',
      `INSERT INTO record (sequence, kind, change_id, recorded_at, previous_hash, hash, content)
       VALUES (3, 'intent', 9, '2026-01-01T00:00:00.000Z', '${second?.hash ?? ''}', '${hash}', '{}')`,
    );
    expect(verifyChain(database).broken).toMatchObject({ sequence: 4, reason: expect.stringContaining('was replaced') as string });
  });

  it('finds a removed tail only with an anchor', () => {
    const database = recorded(3);
    const anchor = head(database);
    tamper(database, 'DELETE FROM record WHERE sequence > 4', 'DELETE FROM change_subject WHERE change_id > 2', 'DELETE FROM open_change');
    expect(verifyChain(database).broken).toBeUndefined();
    expect(verifyChain(database, anchor)).toMatchObject({
      records: 4,
      broken: { sequence: 5, reason: expect.stringContaining('were removed') as string },
    });
  });

  it('finds a rewritten journal only with an anchor', () => {
    const anchor = { ...head(recorded(3)), hash: 'b'.repeat(64) };
    const rewritten = recorded(4);
    expect(verifyChain(rewritten).broken).toBeUndefined();
    expect(verifyChain(rewritten, anchor).broken).toMatchObject({ sequence: 5, reason: expect.stringContaining('rewritten') as string });
  });

  it('accepts an anchor that is not the last record', () => {
    const database = recorded(3);
    const anchor = head(database);
    new SqliteJournal(database).close(3, applied());
    expect(verifyChain(database, anchor)).toEqual({ records: 6, head: head(database) });
  });

  it('checks more than one page', () => {
    const database = recorded(600);
    expect(verifyChain(database).records).toBe(1199);
    tamper(database, "UPDATE record SET content = replace(content, 'req-600', 'req-601') WHERE sequence = 1199");
    expect(verifyChain(database).broken?.sequence).toBe(1199);
  });
});

describe('verifyChainInSteps', () => {
  it('finds what verifyChain finds, and lets the event loop run meanwhile', async () => {
    const database = recorded(600);
    let turns = 0;
    const other = setInterval(() => turns++, 0);
    expect(await verifyChainInSteps(database)).toEqual(verifyChain(database));
    clearInterval(other);
    expect(turns).toBeGreaterThan(1);

    const anchor = { ...head(database), sequence: 2000 };
    expect(await verifyChainInSteps(database, anchor)).toEqual(verifyChain(database, anchor));
    tamper(database, 'DELETE FROM change_subject WHERE change_id = 599');
    expect(await verifyChainInSteps(database)).toEqual(verifyChain(database));
    expect(verifyChain(database).broken?.reason).toContain('change 599');
  });

  it('lets changes be recorded while it runs', async () => {
    const database = recorded(600);
    const verified = verifyChainInSteps(database);
    new SqliteJournal(database).close(600, applied());
    expect((await verified).broken).toBeUndefined();
  });
});

describe('exportRecords', () => {
  it('writes each record as a line with everything that its hash covers', () => {
    const lines = [...exportRecords(recorded(2))];
    expect(lines).toHaveLength(3);
    let previous = '0'.repeat(64);
    for (const line of lines) {
      const { sequence, kind, changeId, recordedAt, previousHash, hash, content } = JSON.parse(line) as Record<string, string>;
      expect(previousHash).toBe(previous);
      const text = ['conntrack-api record 1', sequence, kind, changeId, recordedAt, previousHash, content].join('\n');
      expect(hash).toBe(createHash('sha256').update(text).digest('hex'));
      previous = hash ?? '';
    }
  });

  it('lets changes be recorded while it is being read', () => {
    const database = recorded(2);
    const lines = exportRecords(database);
    lines.next();
    new SqliteJournal(database).open(intent());
    expect([...lines]).toHaveLength(3);
  });
});
