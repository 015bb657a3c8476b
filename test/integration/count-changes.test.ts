import { beforeEach, describe, expect, it } from 'vitest';
import { CountChanges } from '../../src/application/change/count-changes.ts';
import type { ChangeTally } from '../../src/application/ports/journal.ts';
import type { ChangeEnd } from '../../src/application/ports/journal.ts';
import { OUTCOME_NAMES } from '../../src/domain/change.ts';
import { SqliteJournal } from '../../src/journal/record/sqlite-journal.ts';
import type { Database } from '../../src/journal/file/database.ts';
import { intent } from '../support/intent.ts';
import { applied, outcomeNamed } from './journal/changes.ts';
import { openJournalDatabase } from './journal/support.ts';

/** The journal, with a count of the changes that were read. */
class WatchedJournal extends SqliteJournal {
  reads = 0;

  override ends(id: number, limit: number): readonly ChangeEnd[] {
    const ends = super.ends(id, limit);
    this.reads += ends.length;
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

describe('the count of changes', () => {
  it('is empty for an empty journal', async () => {
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

  it('reads no change twice, and none while nothing is recorded', async () => {
    record(1_200);
    await tally.run();
    expect(journal.reads).toBe(1_200);
    await tally.run();
    expect(journal.reads).toBe(1_200);
    record(1);
    expect(await tally.run()).toEqual([{ kind: 'change', outcome: 'applied', changes: 1_201 }]);
    expect(journal.reads).toBe(1_201);
  });

  it('counts a change that was open when it was read, and later ones, as they end', async () => {
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

  it('is computed once for concurrent callers', async () => {
    record(700);
    const [one, other] = await Promise.all([tally.run(), tally.run()]);
    expect(one).toBe(other);
    expect(journal.reads).toBe(700);
  });

  it('starts over when the journal is replaced', async () => {
    record(3);
    let current = journal;
    const replaced = new CountChanges(new Proxy(journal, { get: (_target, name) => bound(current, name) }));
    await replaced.run();
    current = new WatchedJournal(openJournalDatabase());
    current.close(current.open(intent()), applied());
    expect(await replaced.run()).toEqual([{ kind: 'change', outcome: 'applied', changes: 1 }]);
  });
});

function bound(journal: WatchedJournal, name: string | symbol): unknown {
  const member: unknown = Reflect.get(journal, name);
  return typeof member === 'function' ? (member.bind(journal) as unknown) : member;
}
