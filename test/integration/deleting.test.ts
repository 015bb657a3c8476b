import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeletionTerms } from '../../src/application/change/delete-entries.ts';
import type { ClosedChange, Intent } from '../../src/domain/change.ts';
import { ConntrackError } from '../../src/domain/conntrack-error.ts';
import { KEPT_ENTRIES_MAX, type DeletionRequest } from '../../src/domain/deletion.ts';
import { EVERY_ENTRY } from '../../src/domain/filter/filter.ts';
import { parseFilter } from '../../src/domain/filter/parse-filter.ts';
import { CALLER, openDoor, type Door } from '../support/gate.ts';
import { entryOf } from '../support/entry-of.ts';
import { intent } from '../support/intent.ts';

const TERMS: DeletionTerms = { namespace: null, reason: 'a test', idempotency: null };
const UDP = parseFilter('protocol=udp');

let door: Door;
beforeEach(async () => {
  door = await openDoor();
  door.entries.table = [...Array(20).keys()].map((index) => entryOf({ index, protocol: index < 10 ? 'udp' : 'tcp' }));
});
afterEach(() => door.close());

const left = (): number => door.entries.table.length;
const idOf = (index: number): string => entryOf({ index, protocol: index < 10 ? 'udp' : 'tcp' }).id;
const deleteOne = (id: string, terms = TERMS): Promise<ClosedChange> => door.deleteEntries.one(CALLER, id, terms);
const deleteUdp = (expected: number, limit: number | null = null): Promise<ClosedChange> =>
  door.deleteEntries.matching(CALLER, { what: 'filter', filter: UDP, limit }, expected, TERMS);
const flush = (expected: number): Promise<ClosedChange> =>
  door.deleteEntries.matching(CALLER, { what: 'flush', filter: EVERY_ENTRY, limit: null }, expected, TERMS);
const refusedAfter = (deleted: number): void => {
  door.entries.tamper = () => ({ deleted, gone: 0, entries: [], failure: { code: 'EPERM', message: 'operation not permitted' } });
};

describe('deleting one entry', () => {
  it('takes out exactly that one, and records what it was', async () => {
    const entry = door.entries.table[3];
    const closed = await deleteOne(idOf(3));
    expect(closed).toMatchObject({ id: 1, kind: 'deletion', outcome: 'applied', reason: 'a test', settings: [], files: [] });
    expect(closed.deletion).toMatchObject({ what: 'entry', entry: idOf(3), filter: null, matched: null, namespace: null });
    expect(closed.deleted).toEqual({ count: 1, gone: 0, entries: [entry] });
    expect(door.journal.get(1)).toEqual(closed);
    expect(door.entries.table).not.toContain(entry);
    expect(left()).toBe(19);
  });

  it('is durable as an intent before the kernel is asked', async () => {
    const seen: unknown[] = [];
    door.entries.tamper = (work) => {
      seen.push(door.journal.pending().map(({ kind, deletion }) => [kind, deletion?.entry]));
      return work();
    };
    await deleteOne(idOf(3));
    expect(seen).toEqual([[['deletion', idOf(3)]]]);
  });

  it('that is gone or another’s leaves no trace', async () => {
    const [tuple = ''] = idOf(3).split('-');
    await expect(deleteOne('0411-none')).rejects.toMatchObject({ code: 'ENTRY_NOT_FOUND' });
    await expect(deleteOne(`${tuple}-ffffffff`)).rejects.toMatchObject({ code: 'ENTRY_REPLACED' });
    expect([door.journal.list({}, 10), left()]).toEqual([[], 20]);
  });

  it('that goes at the last moment is recorded as failed, for the same reason', async () => {
    door.entries.tamper = () => ({ deleted: 0, gone: 1, entries: [] });
    expect(await deleteOne(idOf(3))).toMatchObject({
      outcome: 'failed',
      failure: { code: 'ENTRY_NOT_FOUND' },
      deleted: { count: 0, gone: 1 },
    });
  });
});

describe('deleting by filter', () => {
  it('takes out those that match, and records the filter, the counts and the entries', async () => {
    const closed = await deleteUdp(10);
    expect(closed).toMatchObject({ outcome: 'applied', deleted: { count: 10, gone: 0 } });
    expect(closed.deletion).toMatchObject({ what: 'filter', filter: 'protocol=udp', expected: 10, matched: 10, limit: null });
    expect(door.entries.table.every(({ protocol }) => protocol === 'tcp')).toBe(true);
    expect(door.journal.get(1)).toEqual(closed);
  });

  it.each([0, 8, 12])('is refused, without a trace, where %i were expected and 10 match', async (expected) => {
    await expect(deleteUdp(expected)).rejects.toMatchObject({
      code: 'COUNT_MISMATCH',
      details: { conflicts: [{ subject: 'count', expected: String(expected), found: '10' }] },
    });
    expect([door.journal.list({}, 10), left()]).toEqual([[], 20]);
  });

  it('compares with what matches when its turn comes, not when it was asked for', async () => {
    const results = await Promise.allSettled([deleteUdp(10), deleteUdp(10)]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('takes no more than its limit', async () => {
    expect(await deleteUdp(10, 3)).toMatchObject({ deletion: { limit: 3, matched: 10 }, deleted: { count: 3 } });
    expect(left()).toBe(17);
  });

  it('takes no more than a tenth over what was expected, however many have come since they were counted', async () => {
    const count = door.entries.count.bind(door.entries);
    door.entries.count = async (filter) => {
      const counted = await count(filter);
      door.entries.table = [...Array(100).keys()].map((index) => entryOf({ index, protocol: 'udp' }));
      return counted;
    };
    expect((await deleteUdp(10)).deleted?.count).toBe(11);
  });

  it('shows how many there are, and some of them, and does nothing', async () => {
    const plan = await door.deleteEntries.preview({ what: 'filter', filter: parseFilter('all'), limit: null }, null, null);
    expect(plan).toMatchObject({ filter: 'all', matched: 20 });
    expect(plan.examples).toEqual(door.entries.table.slice(0, 10));
    await expect(door.deleteEntries.preview({ what: 'filter', filter: UDP, limit: null }, 5, null)).rejects.toMatchObject({
      code: 'COUNT_MISMATCH',
    });
    expect([door.journal.list({}, 10), left()]).toEqual([[], 20]);
  });

  it('is refused where entries have no id of the kernel, and where they could not all be counted', async () => {
    door.entries.source = '/proc/net/nf_conntrack';
    await expect(deleteUdp(10)).rejects.toMatchObject({ code: 'NOT_SUPPORTED_HERE' });
    door.entries.source = 'ctnetlink';
    door.entries.outcome = 'resized';
    await expect(deleteUdp(10)).rejects.toMatchObject({ code: 'KERNEL_UNREADABLE' });
    expect(door.journal.list({}, 10)).toEqual([]);
  });
});

describe('a flush', () => {
  it('takes out everything, its number being the confirmation, and keeps the first of it', async () => {
    door.entries.table = [...Array(KEPT_ENTRIES_MAX + 5).keys()].map((index) => entryOf({ index, protocol: 'tcp' }));
    await expect(flush(20)).rejects.toMatchObject({ code: 'COUNT_MISMATCH' });
    const closed = await flush(KEPT_ENTRIES_MAX);
    expect(closed).toMatchObject({
      outcome: 'applied',
      deletion: { what: 'flush', filter: null },
      deleted: { count: KEPT_ENTRIES_MAX + 5 },
    });
    expect(closed.deleted?.entries).toHaveLength(KEPT_ENTRIES_MAX);
    expect(left()).toBe(0);
    expect(door.journal.get(1)).toEqual(closed);
  });

  it('is listed without its entries, which are in the change itself', async () => {
    await flush(20);
    expect(door.journal.list({}, 1)[0]).toMatchObject({ deleted: { count: 20, gone: 0 } });
    expect(door.journal.list({}, 1)[0]).not.toHaveProperty('deleted.entries');
    expect(door.journal.after(0)[0]).not.toHaveProperty('deleted.entries');
    expect(door.journal.get(1)).toHaveProperty('deleted.entries');
    expect((await door.journal.verify()).broken).toBeUndefined();
  });
});

describe('a deletion that does not go through', () => {
  it('is failed when the kernel refuses the first, and diverged, with what was deleted, when it refuses a later one', async () => {
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
    expect(door.journal.get(2)).toMatchObject({
      outcome: 'diverged',
      failure: { message: expect.stringContaining('after 4 entries') as string },
    });
  });

  it('is failed when it is refused in so many words, and of a fault nobody knows how far it came', async () => {
    door.entries.tamper = () => {
      throw new ConntrackError('TOO_MANY_DUMPS', 'Not now.');
    };
    expect(await deleteUdp(10)).toMatchObject({ outcome: 'failed', failure: { code: 'TOO_MANY_DUMPS' } });
    door.entries.tamper = () => {
      throw new Error('the thread died');
    };
    const closed = await deleteUdp(10);
    expect(closed).toMatchObject({ outcome: 'diverged', failure: { code: 'INTERNAL', message: 'the thread died' } });
    expect(closed).not.toHaveProperty('deleted');
  });

  it('whose outcome cannot be recorded keeps every other change out until it is', async () => {
    const close = door.journal.close.bind(door.journal);
    door.journal.close = () => {
      throw new ConntrackError('JOURNAL_UNAVAILABLE', 'disk full');
    };
    await expect(deleteUdp(10)).rejects.toMatchObject({ code: 'OUTCOME_UNRECORDED', details: { changeId: 1 } });
    const change = door.change.run(CALLER, { settings: { acct: 1 }, persist: false, reason: null });
    await expect(change).rejects.toMatchObject({ code: 'OUTCOME_UNRECORDED' });
    await expect(flush(10)).rejects.toMatchObject({ code: 'OUTCOME_UNRECORDED' });
    door.journal.close = close;
    await flush(10);
    expect(door.journal.get(1)).toMatchObject({ outcome: 'applied', deleted: { count: 10 } });
  });
});

describe('repeated with its Idempotency-Key', () => {
  it('is answered with the deletion it was, and deletes nothing more', async () => {
    const terms = { ...TERMS, idempotency: { key: 'k', fingerprint: 'f' } };
    const first = await deleteOne(idOf(3), terms);
    expect(await deleteOne(idOf(3), terms)).toEqual(first);
    expect(left()).toBe(19);
  });
});

describe('another network namespace', () => {
  it('is where it looks, counts and deletes', async () => {
    const selection = { what: 'flush', filter: EVERY_ENTRY, limit: null } as const;
    await door.deleteEntries.preview(selection, null, 'blue');
    await door.deleteEntries.one(CALLER, idOf(3), { ...TERMS, namespace: 'blue' });
    const closed = await door.deleteEntries.matching(CALLER, selection, 19, { ...TERMS, namespace: 'blue' });
    expect(closed.deletion?.namespace).toBe('blue');
    expect(door.entries.scopes.length).toBeGreaterThan(4);
    expect(door.entries.scopes.filter(({ namespace }) => namespace !== 'blue')).toEqual([]);
  });
});

describe('rolling back', () => {
  const rollBack = (what: 'change' | 'to', id: number): Promise<ClosedChange> =>
    door.rollBack.run(CALLER, { what, id, force: false, reason: null });

  it('has nothing to do for a deletion, and says why', async () => {
    await flush(20);
    await expect(rollBack('change', 1)).rejects.toMatchObject({
      code: 'NOTHING_TO_ROLL_BACK',
      message: expect.stringContaining('nobody can make it again') as string,
    });
    await expect(rollBack('to', 0)).rejects.toMatchObject({ code: 'CHANGE_NOT_FOUND' });
  });

  it('to a point in time passes over deletions', async () => {
    const change = (acct: number): Promise<ClosedChange> => door.change.run(CALLER, { settings: { acct }, persist: false, reason: null });
    await change(0);
    await flush(20);
    await expect(rollBack('to', 1)).rejects.toMatchObject({ message: expect.stringContaining('cannot be brought back') as string });
    await change(1);
    expect(await rollBack('to', 1)).toMatchObject({ outcome: 'applied', observed: { settings: { acct: 0 } } });
  });
});

describe('recovery', () => {
  const open = (parts: Partial<DeletionRequest>): number => {
    const nothing = { namespace: null, entry: null, filter: null, expected: null, matched: null, limit: null };
    const request: Partial<Intent> = { kind: 'deletion', settings: [], deletion: { what: 'entry', ...nothing, ...parts } };
    return door.journal.open(intent(request));
  };
  const settled = async (id: number): Promise<object> => {
    await door.recover.run();
    return door.journal.get(id);
  };

  it.each(['filter', 'flush'] as const)('does not know how far a %s came, and says so', async (what) => {
    const id = open({ what, expected: 20, matched: 20 });
    expect(await settled(id)).toMatchObject({ outcome: 'diverged', failure: { code: 'OUTCOME_UNRECORDED' } });
    expect(door.journal.get(id)).not.toHaveProperty('deleted');
  });

  it('looks for the one entry that was meant', async () => {
    const [there, gone] = [open({ entry: idOf(3) }), open({ entry: '0411-none' })];
    expect(await settled(there)).toMatchObject({ outcome: 'recovered-unchanged' });
    expect(door.journal.get(gone)).toMatchObject({ outcome: 'recovered-applied' });
  });

  it('waits with one that can be looked at later, and not for one that cannot', async () => {
    const [id, find] = [open({ entry: idOf(3) }), door.entries.find.bind(door.entries)];
    door.entries.find = () => Promise.reject(new ConntrackError('CONNTRACK_NOT_LOADED', 'Not loaded.'));
    await expect(door.recover.run()).rejects.toMatchObject({ code: 'CONNTRACK_NOT_LOADED' });
    door.entries.find = () => Promise.reject(new ConntrackError('NAMESPACE_NOT_FOUND', 'There is no blue.'));
    expect(await settled(id)).toMatchObject({
      outcome: 'diverged',
      failure: { message: expect.stringContaining('There is no blue.') as string },
    });
    door.entries.find = find;
  });
});
