import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeletionTerms } from '../../src/application/change/delete-entries.ts';
import type { ClosedChange, Intent } from '../../src/domain/change.ts';
import { ConntrackError } from '../../src/domain/conntrack-error.ts';
import { KEPT_ENTRIES_MAX, type DeletionRequest } from '../../src/domain/deletion.ts';
import { EVERY_ENTRY } from '../../src/domain/filter/filter.ts';
import { parseFilter } from '../../src/domain/filter/parse-filter.ts';
import { CALLER, openApp, type App } from '../support/app.ts';
import { entryOf } from '../support/entry-of.ts';
import { intent } from '../support/intent.ts';

const TERMS: DeletionTerms = { namespace: null, reason: 'a test', idempotency: null };
const UDP = parseFilter('protocol=udp');

const NO_TERMS = { namespace: null, reason: null, idempotency: null };

let app: App;
beforeEach(async () => {
  app = await openApp();
  app.entries.table = [...Array(20).keys()].map((index) => entryOf({ index, protocol: index < 10 ? 'udp' : 'tcp' }));
});
afterEach(() => app.close());

const left = (): number => app.entries.table.length;
const idOf = (index: number): string => entryOf({ index, protocol: index < 10 ? 'udp' : 'tcp' }).id;
const deleteOne = (id: string, terms = TERMS): Promise<ClosedChange> => app.deleteEntries.one(CALLER, id, terms);
const deleteUdp = (expected: number, limit: number | null = null): Promise<ClosedChange> =>
  app.deleteEntries.matching(CALLER, { what: 'filter', filter: UDP, limit }, expected, TERMS);
const flush = (expected: number): Promise<ClosedChange> =>
  app.deleteEntries.matching(CALLER, { what: 'flush', filter: EVERY_ENTRY, limit: null }, expected, TERMS);
const refusedAfter = (deleted: number): void => {
  app.entries.tamper = () => ({ deleted, gone: 0, entries: [], failure: { code: 'EPERM', message: 'operation not permitted' } });
};

describe('deleting one entry', () => {
  it('deletes exactly that entry, and records it', async () => {
    const entry = app.entries.table[3];
    const closed = await deleteOne(idOf(3));
    expect(closed).toMatchObject({ id: 1, kind: 'deletion', outcome: 'applied', reason: 'a test', settings: [], files: [] });
    expect(closed.deletion).toMatchObject({ what: 'entry', entry: idOf(3), filter: null, matched: null, namespace: null });
    expect(closed.deleted).toEqual({ count: 1, gone: 0, entries: [entry] });
    expect(app.journal.get(1)).toEqual(closed);
    expect(app.entries.table).not.toContain(entry);
    expect(left()).toBe(19);
  });

  it('is durable as an intent before the kernel is asked to delete', async () => {
    const seen: unknown[] = [];
    app.entries.tamper = (work) => {
      seen.push(app.journal.pending().map(({ kind, deletion }) => [kind, deletion?.entry]));
      return work();
    };
    await deleteOne(idOf(3));
    expect(seen).toEqual([[['deletion', idOf(3)]]]);
  });

  it('that is gone, or whose tuple belongs to another entry, leaves no trace', async () => {
    const [tuple = ''] = idOf(3).split('-');
    await expect(deleteOne('0411-none')).rejects.toMatchObject({ code: 'ENTRY_NOT_FOUND' });
    await expect(deleteOne(`${tuple}-ffffffff`)).rejects.toMatchObject({ code: 'ENTRY_REPLACED' });
    expect([app.journal.list({}, 10), left()]).toEqual([[], 20]);
  });

  it('that disappears before it is deleted is recorded as failed with ENTRY_NOT_FOUND', async () => {
    app.entries.tamper = () => ({ deleted: 0, gone: 1, entries: [] });
    expect(await deleteOne(idOf(3))).toMatchObject({
      outcome: 'failed',
      failure: { code: 'ENTRY_NOT_FOUND' },
      deleted: { count: 0, gone: 1 },
    });
  });
});

describe('deleting by filter', () => {
  it('deletes the entries that match, and records the filter, the counts and the entries', async () => {
    const closed = await deleteUdp(10);
    expect(closed).toMatchObject({ outcome: 'applied', deleted: { count: 10, gone: 0 } });
    expect(closed.deletion).toMatchObject({ what: 'filter', filter: 'protocol=udp', expected: 10, matched: 10, limit: null });
    expect(app.entries.table.every(({ protocol }) => protocol === 'tcp')).toBe(true);
    expect(app.journal.get(1)).toEqual(closed);
  });

  it.each([0, 8, 12])('is refused, without a trace, when %i are expected and 10 match', async (expected) => {
    await expect(deleteUdp(expected)).rejects.toMatchObject({
      code: 'COUNT_MISMATCH',
      details: { conflicts: [{ subject: 'count', expected: String(expected), found: '10' }] },
    });
    expect([app.journal.list({}, 10), left()]).toEqual([[], 20]);
  });

  it('compares with what matches under the write lock, not when the request arrived', async () => {
    const results = await Promise.allSettled([deleteUdp(10), deleteUdp(10)]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('deletes no more than its limit', async () => {
    expect(await deleteUdp(10, 3)).toMatchObject({ deletion: { limit: 3, matched: 10 }, deleted: { count: 3 } });
    expect(left()).toBe(17);
  });

  it('deletes at most 10 % more than expected, however many entries appeared since the count', async () => {
    const count = app.entries.count.bind(app.entries);
    app.entries.count = async (filter) => {
      const counted = await count(filter);
      app.entries.table = [...Array(100).keys()].map((index) => entryOf({ index, protocol: 'udp' }));
      return counted;
    };
    expect((await deleteUdp(10)).deleted?.count).toBe(11);
  });

  it('preview returns the count and examples, and deletes nothing', async () => {
    const plan = await app.deleteEntries.preview({ what: 'filter', filter: parseFilter('all'), limit: null }, null, NO_TERMS);
    expect(plan).toMatchObject({ filter: 'all', matched: 20 });
    expect(plan.examples).toEqual(app.entries.table.slice(0, 10));
    await expect(app.deleteEntries.preview({ what: 'filter', filter: UDP, limit: null }, 5, NO_TERMS)).rejects.toMatchObject({
      code: 'COUNT_MISMATCH',
    });
    expect([app.journal.list({}, 10), left()]).toEqual([[], 20]);
  });

  it('is refused where entries have no kernel id, and where not all could be counted', async () => {
    app.entries.source = '/proc/net/nf_conntrack';
    await expect(deleteUdp(10)).rejects.toMatchObject({ code: 'NOT_SUPPORTED_HERE' });
    app.entries.source = 'ctnetlink';
    app.entries.outcome = 'resized';
    await expect(deleteUdp(10)).rejects.toMatchObject({ code: 'KERNEL_UNREADABLE' });
    expect(app.journal.list({}, 10)).toEqual([]);
  });
});

describe('a flush', () => {
  it('deletes all entries when the expected count matches, and records the first of them', async () => {
    app.entries.table = [...Array(KEPT_ENTRIES_MAX + 5).keys()].map((index) => entryOf({ index, protocol: 'tcp' }));
    await expect(flush(20)).rejects.toMatchObject({ code: 'COUNT_MISMATCH' });
    const closed = await flush(KEPT_ENTRIES_MAX);
    expect(closed).toMatchObject({
      outcome: 'applied',
      deletion: { what: 'flush', filter: null },
      deleted: { count: KEPT_ENTRIES_MAX + 5 },
    });
    expect(closed.deleted?.entries).toHaveLength(KEPT_ENTRIES_MAX);
    expect(left()).toBe(0);
    expect(app.journal.get(1)).toEqual(closed);
  });

  it('is listed without its entries, which the change itself contains', async () => {
    await flush(20);
    expect(app.journal.list({}, 1)[0]).toMatchObject({ deleted: { count: 20, gone: 0 } });
    expect(app.journal.list({}, 1)[0]).not.toHaveProperty('deleted.entries');
    expect(app.journal.after(0)[0]).not.toHaveProperty('deleted.entries');
    expect(app.journal.get(1)).toHaveProperty('deleted.entries');
    expect((await app.journal.verify()).broken).toBeUndefined();
  });
});

describe('a deletion that does not succeed', () => {
  it('is failed when the kernel refuses the first entry, and diverged, with the deleted count, when it refuses a later one', async () => {
    refusedAfter(0);
    expect(await deleteUdp(10)).toMatchObject({
      outcome: 'failed',
      failure: { code: 'KERNEL_REFUSED', errno: 'EPERM' },
      deleted: { count: 0 },
    });
    refusedAfter(4);
    expect(await deleteUdp(10)).toMatchObject({
      outcome: 'diverged',
      failure: { code: 'KERNEL_REFUSED', errno: 'EPERM' },
      deleted: { count: 4 },
    });
    expect(app.journal.get(2)).toMatchObject({
      outcome: 'diverged',
      failure: { message: expect.stringContaining('after 4 entries') as string },
    });
  });

  it('is failed when it was refused, and diverged after a fault, because the deleted count is unknown', async () => {
    app.entries.tamper = () => {
      throw new ConntrackError('TOO_MANY_DUMPS', 'Not now.');
    };
    expect(await deleteUdp(10)).toMatchObject({ outcome: 'failed', failure: { code: 'TOO_MANY_DUMPS' } });
    app.entries.tamper = () => {
      throw new Error('the thread died');
    };
    const closed = await deleteUdp(10);
    expect(closed).toMatchObject({ outcome: 'diverged', failure: { code: 'INTERNAL', message: 'the thread died' } });
    expect(closed).not.toHaveProperty('deleted');
  });

  it('whose outcome cannot be recorded blocks every other change until it is recorded', async () => {
    const close = app.journal.close.bind(app.journal);
    app.journal.close = () => {
      throw new ConntrackError('JOURNAL_UNAVAILABLE', 'disk full');
    };
    await expect(deleteUdp(10)).rejects.toMatchObject({ code: 'OUTCOME_UNRECORDED', details: { changeId: 1 } });
    const change = app.change.run(CALLER, { settings: { acct: 1 }, persist: false, reason: null });
    await expect(change).rejects.toMatchObject({ code: 'OUTCOME_UNRECORDED' });
    await expect(flush(10)).rejects.toMatchObject({ code: 'OUTCOME_UNRECORDED' });
    app.journal.close = close;
    await flush(10);
    expect(app.journal.get(1)).toMatchObject({ outcome: 'applied', deleted: { count: 10 } });
  });
});

describe('a deletion repeated with its Idempotency-Key', () => {
  it('returns the first deletion, and deletes nothing more', async () => {
    const terms = { ...TERMS, idempotency: { key: 'k', fingerprint: 'f' } };
    const first = await deleteOne(idOf(3), terms);
    expect(await deleteOne(idOf(3), terms)).toEqual(first);
    expect(left()).toBe(19);
  });
});

describe('a deletion in another network namespace', () => {
  it('finds, counts and deletes in that namespace only', async () => {
    await app.namespaces.add('blue', 30);
    const selection = { what: 'flush', filter: EVERY_ENTRY, limit: null } as const;
    await app.deleteEntries.preview(selection, null, { ...NO_TERMS, namespace: 'blue' });
    await app.deleteEntries.one(CALLER, idOf(3), { ...TERMS, namespace: 'blue' });
    const closed = await app.deleteEntries.matching(CALLER, selection, 19, { ...TERMS, namespace: 'blue' });
    expect(closed.deletion?.namespace).toBe('blue');
    expect(closed.namespace?.name).toBe('blue');
    expect(app.entries.scopes.at(-1)).toEqual({ namespace: 'blue', identity: closed.namespace?.identity });
    expect(app.entries.scopes.length).toBeGreaterThan(4);
    expect(app.entries.scopes.filter(({ namespace }) => namespace !== 'blue')).toEqual([]);
  });
});

describe('rolling back', () => {
  const rollBack = (what: 'change' | 'to', id: number): Promise<ClosedChange> =>
    app.rollBack.run(CALLER, { what, id, force: false, reason: null });

  it('refuses to roll back a deletion, and reports why', async () => {
    await flush(20);
    await expect(rollBack('change', 1)).rejects.toMatchObject({
      code: 'NOTHING_TO_ROLL_BACK',
      message: expect.stringContaining('cannot be restored') as string,
    });
    await expect(rollBack('to', 0)).rejects.toMatchObject({ code: 'CHANGE_NOT_FOUND' });
  });

  it('to a point in time skips deletions', async () => {
    const change = (acct: number): Promise<ClosedChange> => app.change.run(CALLER, { settings: { acct }, persist: false, reason: null });
    await change(0);
    await flush(20);
    await expect(rollBack('to', 1)).rejects.toMatchObject({ message: expect.stringContaining('cannot be restored') as string });
    await change(1);
    expect(await rollBack('to', 1)).toMatchObject({ outcome: 'applied', observed: { settings: { acct: 0 } } });
  });
});

describe('recovery', () => {
  const open = (parts: Partial<DeletionRequest>): number => {
    const nothing = { namespace: null, entry: null, filter: null, expected: null, matched: null, limit: null };
    const request: Partial<Intent> = { kind: 'deletion', settings: [], deletion: { what: 'entry', ...nothing, ...parts } };
    return app.journal.open(intent(request));
  };
  const settled = async (id: number): Promise<object> => {
    await app.recover.run();
    return app.journal.get(id);
  };

  it.each(['filter', 'flush'] as const)('closes an open %s as diverged, because its progress is unknown', async (what) => {
    const id = open({ what, expected: 20, matched: 20 });
    expect(await settled(id)).toMatchObject({ outcome: 'diverged', failure: { code: 'OUTCOME_UNRECORDED' } });
    expect(app.journal.get(id)).not.toHaveProperty('deleted');
  });

  it('checks whether the single entry still exists', async () => {
    const [there, gone] = [open({ entry: idOf(3) }), open({ entry: '0411-none' })];
    expect(await settled(there)).toMatchObject({ outcome: 'recovered-unchanged' });
    expect(app.journal.get(gone)).toMatchObject({ outcome: 'recovered-applied' });
  });

  it('leaves a deletion open while the entry can be checked later, and closes it as diverged when it cannot', async () => {
    const [id, find] = [open({ entry: idOf(3) }), app.entries.find.bind(app.entries)];
    app.entries.find = () => Promise.reject(new ConntrackError('CONNTRACK_NOT_LOADED', 'Not loaded.'));
    await expect(app.recover.run()).rejects.toMatchObject({ code: 'CONNTRACK_NOT_LOADED' });
    app.entries.find = () => Promise.reject(new ConntrackError('NAMESPACE_NOT_FOUND', 'There is no blue.'));
    expect(await settled(id)).toMatchObject({
      outcome: 'diverged',
      failure: { message: expect.stringContaining('There is no blue.') as string },
    });
    app.entries.find = find;
  });
});
