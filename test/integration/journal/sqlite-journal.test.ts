import { describe, expect, it } from 'vitest';
import type { ChangeQuery } from '../../../src/application/ports/journal.ts';
import type { Outcome } from '../../../src/domain/change.ts';
import { SqliteJournal } from '../../../src/journal/record/sqlite-journal.ts';
import { applied, outcomeNamed } from './changes.ts';
import { intent } from '../../support/intent.ts';
import { openJournalDatabase, refusal, tamper } from './support.ts';

const newJournal = (): SqliteJournal => new SqliteJournal(openJournalDatabase());
const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('latin1');

describe('SqliteJournal', () => {
  it('returns an intent and its outcome as they were recorded', () => {
    const journal = newJournal();
    const opened = intent({
      reason: 'Schwarzer Freitag 🛒 \u0000 "quoted"',
      settings: [{ name: 'buckets', before: 16_384, requested: 32_768 }],
      files: [{ path: '/boot/file', before: ALL_BYTES, after: null }],
    });
    const outcome: Outcome = {
      ...applied({ buckets: 32_768 }),
      observed: { settings: { buckets: null }, files: { '/boot/file': ALL_BYTES } },
    };
    const id = journal.open(opened);
    expect(journal.get(id)).toStrictEqual({ id, ...opened, outcome: 'pending' });
    expect(journal.close(id, outcome)).toStrictEqual({ id, ...opened, ...outcome });
    expect(journal.get(id)).toStrictEqual({ id, ...opened, ...outcome });
  });

  it('numbers changes from 1 without gaps', () => {
    const journal = newJournal();
    expect(journal.open(intent())).toBe(1);
    expect(journal.open(intent())).toBe(2);
    journal.close(1, applied());
    expect(() => journal.open(intent({ rollbackOf: 0.5 }))).toThrow(RangeError);
    expect(journal.open(intent())).toBe(3);
  });

  it('closes a change once', () => {
    const journal = newJournal();
    journal.open(intent());
    journal.close(1, applied());
    const error = refusal(() => journal.close(1, outcomeNamed('failed')));
    expect(error.code).toBe('JOURNAL_UNAVAILABLE');
    expect(error.message).toContain('closed already');
    expect(journal.get(1).outcome).toBe('applied');
  });

  it('refuses a change that was not opened', () => {
    const journal = newJournal();
    expect(refusal(() => journal.get(1)).code).toBe('CHANGE_NOT_FOUND');
    expect(refusal(() => journal.close(1, applied())).code).toBe('CHANGE_NOT_FOUND');
  });

  it('lists pending changes, oldest first', () => {
    const journal = newJournal();
    for (let i = 0; i < 4; i++) journal.open(intent());
    journal.close(2, applied());
    expect(journal.pending().map(({ id }) => id)).toEqual([1, 3, 4]);
  });

  it('reports which record it cannot parse', () => {
    const database = openJournalDatabase();
    const journal = new SqliteJournal(database);
    journal.open(intent());
    journal.close(1, applied());
    tamper(database, `UPDATE record SET content = replace(content, '"applied"', '"perfect"') WHERE sequence = 2`);
    const error = refusal(() => journal.get(1));
    expect(error.code).toBe('JOURNAL_UNAVAILABLE');
    expect(error.message).toContain('record 2 cannot be parsed: outcome: expected one of');
  });

  it('throws JOURNAL_UNAVAILABLE once the database is closed', () => {
    const database = openJournalDatabase();
    const journal = new SqliteJournal(database);
    database.close();
    for (const use of [() => journal.open(intent()), () => journal.pending(), () => journal.list({}, 1), () => journal.get(1)]) {
      expect(refusal(use).code).toBe('JOURNAL_UNAVAILABLE');
    }
  });
});

describe('SqliteJournal.list', () => {
  /** 1 applied by ada, 2 failed by bob on udp_timeout, 3 pending by ada, 4 applied by a token whose name is bob's id. */
  function fourChanges(): SqliteJournal {
    const journal = newJournal();
    const at = (day: number): Date => new Date(Date.UTC(2026, 0, day));
    const actor = (tokenId: string, name: string) => ({ tokenId, name, peer: '127.0.0.1' });
    journal.open(intent({ startedAt: at(1), actor: actor('aaaaaaaaaaaa', 'ada') }));
    journal.close(1, applied());
    const settings = [{ name: 'udp_timeout', before: 30, requested: 60 }];
    journal.open(intent({ startedAt: at(2), actor: actor('bbbbbbbbbbbb', 'bob'), settings }));
    journal.close(2, outcomeNamed('failed'));
    journal.open(intent({ startedAt: at(3), actor: actor('aaaaaaaaaaaa', 'ada'), settings: [{ name: 'max', before: 5, requested: 5 }] }));
    journal.open(intent({ startedAt: at(4), actor: actor('cccccccccccc', 'bbbbbbbbbbbb') }));
    journal.close(4, applied());
    return journal;
  }

  it.each<[ChangeQuery, number[]]>([
    [{}, [4, 3, 2, 1]],
    [{ setting: 'max' }, [4, 3, 1]],
    [{ setting: 'udp_timeout' }, [2]],
    [{ setting: 'acct' }, []],
    [{ actor: 'ada' }, [3, 1]],
    [{ actor: 'bbbbbbbbbbbb' }, [4, 2]],
    [{ outcome: 'applied' }, [4, 1]],
    [{ outcome: 'failed' }, [2]],
    [{ outcome: 'pending' }, [3]],
    [{ since: new Date('2026-01-02T00:00:00.000Z'), until: new Date('2026-01-04T00:00:00.000Z') }, [3, 2]],
    [{ setting: 'max', actor: 'ada', outcome: 'applied', until: new Date('2026-01-02T00:00:00.000Z') }, [1]],
    [{ outcome: 'pending', actor: 'bob' }, []],
  ])('filters by %o, newest first', (query, ids) => {
    expect(
      fourChanges()
        .list(query, 10)
        .map(({ id }) => id),
    ).toEqual(ids);
  });

  it('filters by the name that a network namespace had, whatever has it now', () => {
    const journal = newJournal();
    const udp = (name: string, identity: string) =>
      intent({ namespace: { name, identity }, settings: [{ name: 'udp_timeout', before: 30, requested: 60 }] });
    const flush = { what: 'flush', entry: null, filter: null, expected: 1, matched: 1, limit: 1 } as const;
    for (const each of [
      intent(),
      udp('blue', 'boot:4:1:1'),
      udp('red', 'boot:4:2:2'),
      intent({ kind: 'deletion', settings: [], deletion: { ...flush, namespace: 'blue' } }),
      intent({ kind: 'deletion', settings: [], deletion: { ...flush, namespace: null } }),
      intent({ kind: 'rollback-to', settings: [], namespace: { name: 'blue', identity: 'boot:4:3:3' } }),
      intent({ files: [{ path: '/etc/sysctl.d/a@b.conf', before: null, after: '' }] }),
    ])
      journal.open(each);
    const found = (query: ChangeQuery) => journal.list(query, 10).map(({ id }) => id);
    expect(found({ namespace: 'blue' })).toEqual([6, 4, 2]);
    expect(found({ namespace: 'blue', setting: 'udp_timeout' })).toEqual([2]);
    expect(found({ namespace: 'red' })).toEqual([3]);
    expect(found({ namespace: 'green' })).toEqual([]);
    expect(journal.list({ namespace: 'blue' }, 1, 6).map(({ id }) => id)).toEqual([4]);
  });

  it('continues below an id, up to a limit', () => {
    const journal = fourChanges();
    expect(journal.list({}, 2).map(({ id }) => id)).toEqual([4, 3]);
    expect(journal.list({}, 2, 3).map(({ id }) => id)).toEqual([2, 1]);
    expect(journal.list({ setting: 'max' }, 1, 4).map(({ id }) => id)).toEqual([3]);
  });
});

describe('SqliteJournal.lastToAlter', () => {
  it.each<[Outcome['outcome'], number | undefined]>([
    ['applied', 1],
    ['adjusted', 1],
    ['restore-failed', 1],
    ['recovered-applied', 1],
    ['diverged', 1],
    ['failed', undefined],
    ['not-effective', undefined],
    ['recovered-unchanged', undefined],
  ])('with a change of the outcome %s returns %s', (name, expected) => {
    const journal = newJournal();
    journal.open(intent());
    journal.close(1, outcomeNamed(name));
    expect(journal.lastToAlter('max', 0)).toBe(expected);
  });

  it('counts an open change as one that altered the setting', () => {
    const journal = newJournal();
    journal.open(intent());
    expect(journal.lastToAlter('max', 0)).toBe(1);
  });

  it('finds the latest after a change, by setting or by file', () => {
    const journal = newJournal();
    const files = [{ path: '/boot/file', before: `a\u0000b`, after: `a\u0000c` }];
    for (const parts of [{}, { files }, { settings: [] }, {}, { settings: [], files: [{ path: '/boot/file', before: 'a', after: 'a' }] }]) {
      journal.close(journal.open(intent(parts)), applied());
    }
    expect(journal.lastToAlter('max', 1)).toBe(4);
    expect(journal.lastToAlter('max', 4)).toBeUndefined();
    expect(journal.lastToAlter('/boot/file', 0)).toBe(2);
    expect(journal.lastToAlter('/boot/file', 2)).toBeUndefined();
    expect(journal.lastToAlter('acct', 0)).toBeUndefined();
  });

  it('ignores a change that requested the present value', () => {
    const journal = newJournal();
    journal.close(journal.open(intent({ settings: [{ name: 'max', before: 65_536, requested: 65_536 }] })), applied());
    expect(journal.lastToAlter('max', 0)).toBeUndefined();
  });
});
