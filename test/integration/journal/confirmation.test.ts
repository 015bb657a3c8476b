import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChangeKind, ConfirmWindow, Intent, OutcomeName } from '../../../src/domain/change.ts';
import { SqliteJournal } from '../../../src/journal/record/sqlite-journal.ts';
import { applied, outcomeNamed } from './changes.ts';
import { intent } from '../../support/intent.ts';
import { openJournalDatabase } from './support.ts';

const newJournal = (): SqliteJournal => new SqliteJournal(openJournalDatabase());

function window(withinSeconds: number): ConfirmWindow {
  return { withinSeconds, deadline: { bootId: null, milliseconds: withinSeconds * 1000 }, persist: true };
}

function record(journal: SqliteJournal, parts: Partial<Intent>, outcome: OutcomeName = 'applied'): number {
  const id = journal.open(intent(parts));
  if (outcome !== 'pending') journal.close(id, outcomeNamed(outcome));
  return id;
}

const waiting = (journal: SqliteJournal): readonly (readonly [id: number, seconds: number | undefined])[] =>
  journal.awaitingConfirmation().map(({ id, confirm }) => [id, confirm?.withinSeconds] as const);

describe('SqliteJournal.awaitingConfirmation', () => {
  it.each<[OutcomeName, boolean]>([
    ['pending', false],
    ['applied', true],
    ['adjusted', true],
    ['failed', false],
    ['restore-failed', false],
    ['not-effective', false],
    ['recovered-applied', true],
    ['recovered-unchanged', false],
    ['diverged', true],
  ])('includes a change with a window and the outcome %s: %s', (outcome, waits) => {
    const journal = newJournal();
    record(journal, { confirm: window(60) }, outcome);
    expect(waiting(journal)).toEqual(waits ? [[1, 60]] : []);
  });

  it('returns the change with its latest window', () => {
    const journal = newJournal();
    record(journal, { confirm: window(60), reason: 'first' });
    record(journal, { confirm: null });
    record(journal, { kind: 'window-extended', relatesTo: 1, confirm: window(90) });
    record(journal, { kind: 'window-extended', relatesTo: 1, confirm: window(120) });
    record(journal, { kind: 'window-extended', relatesTo: 1, confirm: window(150) }, 'failed');
    expect(journal.awaitingConfirmation()).toStrictEqual([{ ...journal.get(1), confirm: window(120) }]);
  });

  it.each<Partial<Intent>>([
    { kind: 'confirmation', relatesTo: 2 },
    { kind: 'auto-revert', rollbackOf: 2 },
    { kind: 'rollback', rollbackOf: 2 },
    { kind: 'rollback-to', relatesTo: 1 },
  ])('does not include a change after %o if that took effect', (ending) => {
    const journal = newJournal();
    record(journal, { confirm: window(10) });
    record(journal, { confirm: window(20) });
    record(journal, ending, 'failed');
    expect(waiting(journal)).toEqual([
      [1, 10],
      [2, 20],
    ]);
    record(journal, ending);
    expect(waiting(journal)).toEqual([[1, 10]]);
  });

  it('returns the same as reading the changes one by one, for any changes', () => {
    const kinds = fc.constantFrom<ChangeKind>(
      'change',
      'rollback',
      'rollback-to',
      'confirmation',
      'window-extended',
      'auto-revert',
      'drift',
    );
    const outcomes = fc.constantFrom<OutcomeName>('pending', 'applied', 'applied', 'failed', 'diverged', 'restore-failed');
    const link = fc.option(fc.integer({ min: 1, max: 6 }), { nil: null });
    const seconds = fc.option(fc.integer({ min: 1, max: 600 }), { nil: null });
    const steps = fc.array(fc.record({ kind: kinds, outcome: outcomes, rollbackOf: link, relatesTo: link, seconds }), { maxLength: 12 });
    const database = openJournalDatabase();
    const journal = new SqliteJournal(database);
    fc.assert(
      fc.property(steps, (changes) => {
        // All runs use the same journal, and each considers only its own changes.
        const start = journal.list({}, 1)[0]?.id ?? 0;
        const own = (id: number | null): number | null => id && id + start;
        database.write(() => {
          for (const { kind, rollbackOf, relatesTo, seconds: within, outcome } of changes) {
            const confirm = within === null && kind !== 'window-extended' ? null : window(within ?? 30);
            record(journal, { kind, rollbackOf: own(rollbackOf), relatesTo: own(relatesTo), confirm }, outcome);
          }
        });
        expect(waiting(journal).filter(([id]) => id > start)).toEqual(oneByOne(journal, start));
      }),
      { numRuns: 100 },
    );
  });
});

/** A direct implementation of the contract. */
function oneByOne(journal: SqliteJournal, start: number): readonly (readonly [number, number | undefined])[] {
  const windows = new Map<number, number>();
  for (const { id, kind, outcome, confirm, relatesTo, rollbackOf } of journal.after(start)) {
    if (!['applied', 'adjusted', 'recovered-applied', 'diverged'].includes(outcome)) continue;
    // `outcomeNamed` observes the value before: the service was killed before it restored it.
    const isRestored = outcome !== 'diverged';
    if (kind === 'window-extended' && relatesTo !== null && windows.has(relatesTo)) windows.set(relatesTo, confirm?.withinSeconds ?? 0);
    if (kind === 'confirmation' && relatesTo !== null) windows.delete(relatesTo);
    if (isRestored && (kind === 'rollback' || kind === 'auto-revert') && rollbackOf !== null) windows.delete(rollbackOf);
    if (isRestored && kind === 'rollback-to' && relatesTo !== null)
      for (const open of windows.keys()) if (open > relatesTo) windows.delete(open);
    if (kind !== 'window-extended' && confirm) windows.set(id, confirm.withinSeconds);
  }
  return [...windows].sort(([a], [b]) => a - b);
}

describe('SqliteJournal.findByKey', () => {
  const at = (day: number): Date => new Date(Date.UTC(2026, 0, day));

  function keyed(journal: SqliteJournal, tokenId: string, key: string, day: number): number {
    const actor = { tokenId, name: 'ada', peer: '127.0.0.1' };
    return journal.open(intent({ actor, startedAt: at(day), idempotency: { key, fingerprint: `${key} ${day}` } }));
  }

  it('finds the latest change with this token and key, open or closed', () => {
    const journal = newJournal();
    for (const [token, key, day] of [
      ['a', 'k', 1],
      ['a', 'k', 2],
      ['b', 'k', 3],
      ['a', 'l', 4],
    ] as const)
      keyed(journal, token, key, day);
    journal.open(intent({ startedAt: at(5) }));
    expect(journal.findByKey('a', 'k', at(1))).toStrictEqual(journal.get(2));
    journal.close(2, applied());
    expect(journal.findByKey('a', 'k', at(2))).toStrictEqual(journal.get(2));
    expect(journal.findByKey('b', 'k', at(1))?.id).toBe(3);
    expect(journal.findByKey('b', 'l', at(1))).toBeUndefined();
  });

  it('ignores changes that started earlier', () => {
    const journal = newJournal();
    keyed(journal, 'a', 'k', 2);
    expect(journal.findByKey('a', 'k', at(2))?.idempotency?.fingerprint).toBe('k 2');
    expect(journal.findByKey('a', 'k', new Date(at(2).getTime() + 1))).toBeUndefined();
  });
});

describe('SqliteJournal.after', () => {
  it('returns all later changes, oldest first', () => {
    const journal = newJournal();
    for (const outcome of ['applied', 'pending', 'failed'] as const) record(journal, {}, outcome);
    expect(journal.after(0).map(({ id, outcome }) => `${id} ${outcome}`)).toEqual(['1 applied', '2 pending', '3 failed']);
    expect(journal.after(2)).toStrictEqual([journal.get(3)]);
    expect(journal.after(3)).toEqual([]);
  });
});
