import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangeQuery } from '../../../src/application/ports/journal.ts';
import { CHANGE_BY_KEY, CHANGES_AFTER, LAST_TO_ALTER, listQuery, OPEN_CHANGES } from '../../../src/journal/record/change-queries.ts';
import { AWAITING_CONFIRMATION } from '../../../src/journal/record/confirmation-query.ts';
import { openDatabase } from '../../../src/journal/open-database.ts';
import { SqliteJournal } from '../../../src/journal/record/sqlite-journal.ts';
import { applied } from './changes.ts';
import { intent } from '../../support/intent.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'conntrack-api-plans-'));
const database = openDatabase(dataDir);
afterAll(() => {
  database.close();
  rmSync(dataDir, { recursive: true });
});

/** The steps of SQLite's query plan. */
function planOf(sql: string, parameters: readonly unknown[]): readonly string[] {
  const steps = database.read((connection) =>
    connection.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters),
  );
  return steps.map(({ detail }) => detail);
}

const SINCE = new Date('2026-01-01T00:00:00.000Z');
const QUERIES: readonly ChangeQuery[] = [
  { setting: 'udp_timeout' },
  { actor: 'night-shift' },
  { outcome: 'failed' },
  { outcome: 'pending' },
  { since: SINCE, until: new Date('2026-01-02T00:00:00.000Z') },
  { setting: 'max', actor: 'night-shift', outcome: 'applied', since: SINCE },
];

describe('with 10,000 changes', () => {
  beforeAll(() => {
    const journal = new SqliteJournal(database);
    database.write(() => {
      for (let id = 1; id <= 10_000; id++) journal.close(journal.open(intent({ requestId: `req-${id}` })), applied());
    });
  });

  it('uses an index for each filter of a list, without scanning or sorting the records', () => {
    for (const query of QUERIES) {
      for (const before of [undefined, 9_000]) {
        const { sql, parameters } = listQuery(query, 50, before);
        const plan = planOf(sql, [parameters]);
        expect(plan[0]).toBe('SEARCH intent USING INDEX record_intent (change_id=?)');
        expect(plan.filter((step) => /^SCAN (?!open_change$)|TEMP B-TREE/.test(step))).toEqual([]);
      }
    }
  });

  it('finds changes of a network namespace through the indexes of subjects and kinds', () => {
    const { sql, parameters } = listQuery({ namespace: 'blue' }, 50, undefined);
    const plan = planOf(sql, [parameters]);
    expect(plan[0]).toBe('SEARCH intent USING INDEX record_intent (change_id=?)');
    expect(plan.filter((step) => /^SCAN (?!known$)|TEMP B-TREE/.test(step))).toEqual([]);
  });

  it('reads the index of changes for a list without filters, up to its limit', () => {
    const { sql, parameters } = listQuery({}, 50, 9_000);
    expect(planOf(sql, [parameters])).toEqual([
      'SEARCH intent USING INDEX record_intent (change_id<?)',
      'SEARCH closing USING INDEX record_outcome (change_id=?) LEFT-JOIN',
    ]);
  });

  it('uses an index to find the last change that altered a setting, and the open changes', () => {
    expect(planOf(LAST_TO_ALTER, ['max', 5_000])).toEqual([
      'SEARCH subject USING PRIMARY KEY (subject=? AND change_id>?)',
      'SEARCH closing USING INDEX record_outcome (change_id=?) LEFT-JOIN',
    ]);
    expect(planOf(CHANGE_BY_KEY, ['a1b2c3d4e5f6', 'key', SINCE.toISOString()])).toEqual([
      'SEARCH intent USING INDEX record_idempotency_key (actor_id=? AND idempotency_key=?)',
      'SEARCH closing USING INDEX record_outcome (change_id=?) LEFT-JOIN',
    ]);
    expect(planOf(CHANGES_AFTER, [5_000, 10])[0]).toBe('SEARCH intent USING INDEX record_intent (change_id>?)');
    expect(planOf(OPEN_CHANGES, [])).not.toContainEqual(expect.stringMatching(/^SCAN (?!open_change$)|TEMP B-TREE/));
  });

  it('reads only the changes with a confirmation window, and their outcomes through an index', () => {
    const plan = planOf(AWAITING_CONFIRMATION, []);
    expect(plan[0]).toBe('SCAN base USING INDEX record_window');
    expect(plan.slice(1).filter((step) => /^SCAN (?!\w+ VIRTUAL TABLE)|TEMP B-TREE/.test(step))).toEqual([]);
  });
});
