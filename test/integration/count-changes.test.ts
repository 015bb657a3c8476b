import { beforeEach, describe, expect, it } from 'vitest';
import { CountChanges, type ChangeTally } from '../../src/application/change/count-changes.ts';
import type { ChangeEnd } from '../../src/application/ports/journal.ts';
import { OUTCOME_NAMES } from '../../src/domain/change.ts';
import { SqliteJournal } from '../../src/journal/record/sqlite-journal.ts';
import type { Database } from '../../src/journal/file/database.ts';
import { intent } from '../support/intent.ts';
import { applied, outcomeNamed } from './journal/changes.ts';
import { openJournalDatabase } from './journal/support.ts';

/** The journal, and a count of the changes that were looked at. */
class WatchedJournal extends SqliteJournal {
  looked = 0;

  override ends(id: number, limit: number): readonly ChangeEnd[] {
    const ends = super.ends(id, limit);
    this.looked += ends.length;
    return ends;
  }
}

let database: Database;
let journal: WatchedJournal;
let tally: CountChanges;

beforeEach(() => {
  database = openJournalDatabase();
  journal = new WatchedJournal(database);
  tally = new CountChanges(journal);
});

const sorted = (tallies: readonly ChangeTally[]): readonly ChangeTally[] =>
  tallies.toSorted((a, b) => `${a.kind} ${a.outcome}`.localeCompare(`${b.kind} ${b.outcome}`));
const record = (changes: number): void => {
  database.write(() => {
    for (let index = 0; index < changes; index += 1) journal.close(journal.open(intent()), applied());
  });
};

describe('the tally of changes', () => {
  it('has nothing of an empty journal', async () => {
    expect(await tally.run()).toEqual([]);
  });

  it('counts each change by kind and outcome', async () => {
    const outcomes = OUTCOME_NAMES.filter((name) => name !== 'pending');
    for (const name of outcomes) journal.close(journal.open(intent()), outcomeNamed(name));
    journal.close(journal.open(intent({ kind: 'drift' })), outcomeNamed('recovered-applied'));
    journal.open(intent({ kind: 'rollback', rollbackOf: 1 }));
    expect(sorted(await tally.run())).toEqual(
      sorted([
        ...outcomes.map((outcome) => ({ kind: 'change', outcome, changes: 1 }) as const),
        { kind: 'drift', outcome: 'recovered-applied', changes: 1 },
        { kind: 'rollback', outcome: 'pending', changes: 1 },
      ]),
    );
  });

  it('looks at no change twice, and at none while nothing is recorded', async () => {
    record(1_200);
    await tally.run();
    expect(journal.looked).toBe(1_200);
    await tally.run();
    expect(journal.looked).toBe(1_200);
    record(1);
    expect(await tally.run()).toEqual([{ kind: 'change', outcome: 'applied', changes: 1_201 }]);
    expect(journal.looked).toBe(1_201);
  });

  it('counts a change that was open when it was looked at, and those after it, as they end', async () => {
    const first = journal.open(intent());
    record(2);
    expect(sorted(await tally.run())).toEqual([
      { kind: 'change', outcome: 'applied', changes: 2 },
      { kind: 'change', outcome: 'pending', changes: 1 },
    ]);
    journal.close(first, outcomeNamed('failed'));
    record(1);
    expect(sorted(await tally.run())).toEqual([
      { kind: 'change', outcome: 'applied', changes: 3 },
      { kind: 'change', outcome: 'failed', changes: 1 },
    ]);
  });

  it('is the same for who asks while it is counted, and counts once', async () => {
    record(700);
    const [one, other] = await Promise.all([tally.run(), tally.run()]);
    expect(one).toBe(other);
    expect(journal.looked).toBe(700);
  });

  it('is of the journal that is there: one that was begun anew is counted anew', async () => {
    record(3);
    let current = journal;
    const moving = new CountChanges(new Proxy(journal, { get: (_target, name) => bound(current, name) }));
    await moving.run();
    current = new WatchedJournal(openJournalDatabase());
    current.close(current.open(intent()), applied());
    expect(await moving.run()).toEqual([{ kind: 'change', outcome: 'applied', changes: 1 }]);
  });
});

function bound(journal: WatchedJournal, name: string | symbol): unknown {
  const member: unknown = Reflect.get(journal, name);
  return typeof member === 'function' ? (member.bind(journal) as unknown) : member;
}
