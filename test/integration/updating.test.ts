import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RequestedUpdate } from '../../src/application/change/resolve-labels.ts';
import type { UpdateTerms } from '../../src/application/change/update-entries.ts';
import type { ClosedChange } from '../../src/domain/change.ts';
import { ConntrackError } from '../../src/domain/conntrack-error.ts';
import type { Entry } from '../../src/domain/entry.ts';
import { parseFilter } from '../../src/domain/filter/parse-filter.ts';
import { CALLER, openApp, type App } from '../support/app.ts';
import { entryOf } from '../support/entry-of.ts';
import { intent } from '../support/intent.ts';

const TERMS: UpdateTerms = { namespace: null, reason: 'a test', idempotency: null };
const UDP = parseFilter('protocol=udp');

let app: App;
beforeEach(async () => {
  app = await openApp();
  app.entries.table = [...Array(20).keys()].map((index) => entryOf({ index, protocol: index < 10 ? 'udp' : 'tcp' }));
});
afterEach(() => app.close());

const idOf = (index: number): string => entryOf({ index, protocol: index < 10 ? 'udp' : 'tcp' }).id;
const entryAt = (index: number): Entry | undefined => app.entries.table.find(({ id }) => id === idOf(index));
const marks = (): readonly (number | undefined)[] => app.entries.table.map(({ mark }) => mark);
const set = (index: number, fields: Partial<Entry>): void => {
  app.entries.table = app.entries.table.map((entry) => (entry.id === idOf(index) ? { ...entry, ...fields } : entry));
};
const remove = (index: number): void => {
  app.entries.table = app.entries.table.filter(({ id }) => id !== idOf(index));
};
const updateOne = (index: number, update: RequestedUpdate = { mark: 16, markMask: 0xf0 }, terms = TERMS): Promise<ClosedChange> =>
  app.updateEntries.one(CALLER, idOf(index), update, terms);
const updateUdp = (update: RequestedUpdate = { mark: 9 }, limit: number | null = null, expected = 10): Promise<ClosedChange> =>
  app.updateEntries.matching(CALLER, { filter: UDP, limit, expected }, update, TERMS);
const rollBack = (id: number, force = false): Promise<ClosedChange> =>
  app.rollBack.run(CALLER, { what: 'change', id, force, reason: null });

describe('updating one entry', () => {
  it('records it before and after, and updates exactly that entry', async () => {
    const before = entryAt(3);
    const closed = await updateOne(3);
    expect(closed).toMatchObject({ id: 1, kind: 'entry-update', outcome: 'applied', reason: 'a test', settings: [], files: [] });
    expect(closed.update).toMatchObject({ what: 'entry', update: { mark: 16, markMask: 0xf0 }, selected: 1, entries: [{ entry: before }] });
    expect(closed.updated).toMatchObject({ counts: { updated: 1, gone: 0 }, entries: [{ result: 'updated', after: { mark: 0x17 } }] });
    expect(app.journal.get(1)).toEqual(closed);
    expect(marks().filter((mark) => mark !== 7)).toEqual([0x17]);
  });

  it('is durable as an intent, with the entry, before the kernel is asked', async () => {
    const seen: unknown[] = [];
    app.entries.tamperUpdate = (work) => {
      seen.push(app.journal.pending().map(({ id }) => app.journal.get(id).update?.entries?.map(({ entry }) => entry.mark)));
      return work();
    };
    await updateOne(3);
    expect(seen).toEqual([[[7]]]);
  });

  it('that is gone, or whose tuple belongs to another entry, leaves no trace', async () => {
    const [tuple = ''] = idOf(3).split('-');
    const one = (id: string): Promise<unknown> => app.updateEntries.one(CALLER, id, { mark: 1 }, TERMS);
    await expect(one('0411-none')).rejects.toMatchObject({ code: 'ENTRY_NOT_FOUND' });
    await expect(one(`${tuple}-ffffffff`)).rejects.toMatchObject({ code: 'ENTRY_REPLACED' });
    expect(app.journal.list({}, 10)).toEqual([]);
  });

  it('that ends between the intent and the update is recorded as failed', async () => {
    app.entries.tamperUpdate = () => [{ result: 'gone' }];
    expect(await updateOne(3)).toMatchObject({ outcome: 'failed', failure: { code: 'ENTRY_NOT_FOUND' }, updated: { counts: { gone: 1 } } });
  });

  it('that the kernel refuses is recorded as failed with its errno', async () => {
    const failure = { errno: 'ENOSPC', message: 'no room for labels' };
    app.entries.tamperUpdate = () => [{ result: 'refused', failure, entry: entryAt(3) as Entry }];
    expect(await updateOne(3, { addLabels: [5] })).toMatchObject({
      outcome: 'failed',
      failure: { code: 'KERNEL_REFUSED', errno: 'ENOSPC' },
    });
  });

  it('accepts labels by name, and refuses a name that the host does not have', async () => {
    await app.tree.write('etc/xtables/connlabel.conf', '# ours\n5 uplink\n64 voice\n');
    await updateOne(3, { addLabels: ['voice', 5, 'uplink'] });
    expect(entryAt(3)?.labels).toEqual([5, 64]);
    await expect(updateOne(3, { removeLabels: ['video'] })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      details: { errors: [{ field: 'removeLabels', found: 'video' }] },
    });
    await expect(updateOne(3, { addLabels: [64], removeLabels: ['voice'] })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });
});

describe('updating by filter', () => {
  it('updates the entries that match, and leaves the entries out of lists of changes', async () => {
    const closed = await updateUdp();
    expect(closed).toMatchObject({ outcome: 'applied', updated: { counts: { updated: 10 } } });
    expect(closed.update).toMatchObject({ what: 'filter', filter: 'protocol=udp', expected: 10, matched: 10, limit: null, selected: 10 });
    expect(app.entries.table.every(({ protocol, mark }) => mark === (protocol === 'udp' ? 9 : 7))).toBe(true);
    const [listed] = app.journal.list({}, 10);
    expect(listed).toMatchObject({ update: { selected: 10 }, updated: { counts: { updated: 10 } } });
    expect([listed?.update?.entries, (listed as ClosedChange).updated?.entries]).toEqual([undefined, undefined]);
  });

  it.each([0, 8, 12])('is refused, without a trace, when %i are expected and 10 match', async (expected) => {
    await expect(updateUdp({ mark: 9 }, null, expected)).rejects.toMatchObject({ code: 'COUNT_MISMATCH' });
    expect([app.journal.list({}, 10), new Set(marks())]).toEqual([[], new Set([7])]);
  });

  it('respects its limit, and counts entries that have the values already', async () => {
    set(0, { mark: 9 });
    expect(await updateUdp({ mark: 9 }, 3)).toMatchObject({ update: { selected: 3 }, updated: { counts: { updated: 2, unchanged: 1 } } });
  });

  it('of more entries than a record can hold needs a limit', async () => {
    app.entries.table = [...Array(1_200).keys()].map((index) => entryOf({ index, protocol: 'udp' }));
    await expect(updateUdp({ mark: 9 }, null, 1_200)).rejects.toMatchObject({ code: 'TOO_MANY_ENTRIES' });
    await expect(app.updateEntries.preview({ filter: UDP, limit: null, expected: null }, { mark: 9 }, TERMS)).rejects.toMatchObject({
      code: 'TOO_MANY_ENTRIES',
    });
    const closed = await updateUdp({ mark: 9 }, 1_000, 1_200);
    expect(closed).toMatchObject({ update: { matched: 1_200, selected: 1_000 }, updated: { counts: { updated: 1_000 } } });
    expect(await rollBack(closed.id)).toMatchObject({ updated: { counts: { updated: 1_000 } } });
    expect(new Set(marks())).toEqual(new Set([7]));
  });

  it('goes on after a refusal, and reports each', async () => {
    const failure = { errno: 'ENOSPC', message: 'no room for labels' };
    app.entries.tamperUpdate = (work) => work().map((result, index) => (index === 4 ? { result: 'refused', failure } : result));
    const closed = await updateUdp();
    expect(closed).toMatchObject({ outcome: 'diverged', failure: { code: 'KERNEL_REFUSED', errno: 'ENOSPC' } });
    expect(closed.updated?.counts).toMatchObject({ updated: 9, refused: 1 });
  });

  it('is refused where entries are read as text', async () => {
    app.entries.source = '/proc/net/nf_conntrack';
    await expect(updateUdp()).rejects.toMatchObject({ code: 'NOT_SUPPORTED_HERE' });
  });

  it('reaches the namespace that it names, and records its identity', async () => {
    await app.namespaces.add('blue', 30);
    await app.updateEntries.matching(CALLER, { filter: UDP, limit: null, expected: 10 }, { mark: 1 }, { ...TERMS, namespace: 'blue' });
    expect(app.entries.scopes.filter(({ namespace }) => namespace !== 'blue')).toEqual([]);
    expect(app.journal.get(1)).toMatchObject({ namespace: { name: 'blue' } });
    await app.namespaces.add('blue', 30);
    await expect(rollBack(1)).rejects.toMatchObject({ code: 'NAMESPACE_REPLACED' });
  });
});

describe('rolling back an update', () => {
  it('restores every entry as one recorded change, which can be rolled back itself', async () => {
    set(2, { labels: [1] });
    const before = app.entries.table;
    await updateUdp({ mark: 0x100, markMask: 0xf00, addLabels: [5] });
    expect(await rollBack(1)).toMatchObject({ id: 2, kind: 'rollback', rollbackOf: 1, outcome: 'applied', update: { selected: 10 } });
    expect(app.entries.table).toEqual(before);
    await rollBack(2);
    expect(entryAt(2)).toMatchObject({ mark: 0x107, labels: [1, 5] });
  });

  it('skips entries that are gone or were changed since, and reports the reason', async () => {
    await updateUdp();
    set(1, { mark: 1 });
    remove(2);
    const { update, outcome } = await rollBack(1);
    expect([outcome, update?.selected]).toEqual(['applied', 8]);
    expect(update?.skipped).toEqual([
      { id: idOf(1), reason: 'changed' },
      { id: idOf(2), reason: 'gone' },
    ]);
    expect(entryAt(1)?.mark).toBe(1);
    expect(app.entries.table.filter(({ mark }) => mark === 9)).toEqual([]);
  });

  it('leaves a later flow alone that has the id of an entry', async () => {
    await updateOne(3, { mark: 9 });
    set(3, { startedAt: '2026-07-29T21:15:02.123456789Z' });
    await expect(rollBack(1)).rejects.toMatchObject({ code: 'NOTHING_TO_ROLL_BACK' });
    expect(entryAt(3)?.mark).toBe(9);
  });

  it('is refused if every entry was changed since, unless it is forced', async () => {
    await updateOne(3, { mark: 9 });
    set(3, { mark: 1 });
    await expect(rollBack(1)).rejects.toMatchObject({
      code: 'STATE_CHANGED',
      details: { conflicts: [{ subject: 'entries[0]', expected: 'mark 9, labels none', found: 'mark 1, labels none' }] },
    });
    expect(await rollBack(1, true)).toMatchObject({ outcome: 'applied' });
    expect(entryAt(3)?.mark).toBe(7);
  });

  it('is refused the second time, and shows the plan before the first', async () => {
    await updateUdp();
    const request = { what: 'change', id: 1, force: false, reason: null } as const;
    const plan = await app.rollBack.preview(request);
    expect(plan.entries?.map(({ update }) => update)).toEqual(Array(10).fill({ mark: 7 & ~9, markMask: 7 ^ 9 }));
    await rollBack(1);
    await expect(rollBack(1)).rejects.toMatchObject({ code: 'NOTHING_TO_ROLL_BACK' });
    await expect(app.rollBack.preview(request)).rejects.toMatchObject({ code: 'NOTHING_TO_ROLL_BACK' });
  });

  it('whose results are unknown restores the entries that were updated', async () => {
    app.entries.tamperUpdate = (work) => {
      work();
      throw new Error('the worker ended');
    };
    expect(await updateUdp({ mark: 9 })).toMatchObject({ outcome: 'diverged', failure: { code: 'INTERNAL' } });
    app.entries.tamperUpdate = (work) => work();
    set(4, { mark: 7 });
    expect(await rollBack(1)).toMatchObject({ outcome: 'applied', updated: { counts: { updated: 9 } } });
    expect(new Set(marks())).toEqual(new Set([7]));
  });

  it('to a point in time leaves updates of entries alone', async () => {
    await app.change.run(CALLER, { settings: { acct: 0 }, persist: false, reason: null });
    await updateUdp();
    await expect(app.rollBack.run(CALLER, { what: 'to', id: 1, force: false, reason: null })).rejects.toMatchObject({
      code: 'NOTHING_TO_ROLL_BACK',
      message: expect.stringContaining('one by one') as string,
    });
  });
});

describe('recovery of an update', () => {
  /** An intent without an outcome: the service was killed. @param indexes those of its entries that the kernel had updated by then */
  async function killedAfter(indexes: readonly number[], update = { mark: 9 }): Promise<number> {
    const entries = [0, 1, 2].map((index) => ({ entry: entryAt(index) as Entry }));
    const nothing = { filter: 'protocol=udp', expected: 3, matched: 3, limit: null };
    const request = { what: 'filter' as const, update, ...nothing, selected: 3, entries };
    const id = app.journal.open(intent({ kind: 'entry-update', startedAt: app.clock.now(), settings: [], update: request }));
    for (const index of indexes) set(index, update);
    app = await app.restart();
    return id;
  }

  it.each([
    [[], 'recovered-unchanged', ['unchanged', 'unchanged', 'unchanged']],
    [[0, 1, 2], 'recovered-applied', ['updated', 'updated', 'updated']],
    [[1], 'diverged', ['unchanged', 'updated', 'unchanged']],
  ] as const)('with the entries %j updated records %s, and what each entry has', async (indexes, outcome, results) => {
    const id = await killedAfter(indexes);
    await app.recover.run();
    const change = app.journal.get(id) as ClosedChange;
    expect(change.outcome).toBe(outcome);
    expect(change.updated?.entries?.map(({ result }) => result)).toEqual(results);
    if (indexes.length === 0) return;
    await rollBack(id);
    expect(new Set(marks())).toEqual(new Set([7]));
  });

  it('records entries that are gone, and those that another writer changed', async () => {
    const id = await killedAfter([0]);
    remove(1);
    set(2, { mark: 4 });
    await app.recover.run();
    const change = app.journal.get(id) as ClosedChange;
    expect(change).toMatchObject({ outcome: 'diverged', failure: { code: 'OUTCOME_UNRECORDED' } });
    expect(change.updated?.entries?.map(({ result }) => result)).toEqual(['updated', 'gone', 'not-effective']);
  });

  it('waits while the entries cannot be read, and records that they never can be', async () => {
    const id = await killedAfter([0]);
    const update = app.entries.update.bind(app.entries);
    app.entries.update = () => Promise.reject(new ConntrackError('CONNTRACK_NOT_LOADED', 'Not loaded.'));
    await expect(app.recover.run()).rejects.toMatchObject({ code: 'CONNTRACK_NOT_LOADED' });
    app.entries.update = () => Promise.reject(new ConntrackError('NOT_SUPPORTED_HERE', 'No ctnetlink.'));
    await app.recover.run();
    expect(app.journal.get(id)).toMatchObject({
      outcome: 'diverged',
      failure: { message: expect.stringContaining('No ctnetlink') as string },
    });
    app.entries.update = update;
  });
});
