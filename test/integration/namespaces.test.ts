import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLAIN_TERMS, type ChangeTerms } from '../../src/application/change/change-terms.ts';
import type { ClosedChange } from '../../src/domain/change.ts';
import type { NamespaceRef } from '../../src/domain/namespace.ts';
import { CALLER, openApp, type App } from '../support/app.ts';
import { intent } from '../support/intent.ts';
import type { KernelTree } from '../support/kernel-tree.ts';

const FILE = 'proc/sys/net/netfilter/nf_conntrack_udp_timeout';
const BOOT_ID = 'proc/sys/kernel/random/boot_id';
const [ON_HOST, IN_BLUE, IN_RED, IN_NEXT] = [40, 50, 60, 70];
const window = { confirmWithinSeconds: 60 };

let app: App;
let blue: KernelTree;
let red: KernelTree;
beforeEach(async () => {
  app = await openApp();
  await app.tree.write(FILE, `${ON_HOST}\n`);
  blue = await app.namespaces.add('blue', IN_BLUE);
  red = await app.namespaces.add('red', IN_RED);
});
afterEach(() => app.close());

const change = (namespace: string | undefined, value: number, terms: Partial<ChangeTerms> = {}): Promise<ClosedChange> =>
  app.change.run(
    CALLER,
    { settings: { udp_timeout: value }, persist: false, reason: null, ...(namespace !== undefined && { namespace }) },
    { ...PLAIN_TERMS, ...terms },
  );
const rollBack = (id: number, force = false): Promise<ClosedChange> =>
  app.rollBack.run(CALLER, { what: 'change', id, force, reason: null });
const rollBackTo = (id: number, namespace?: string): Promise<ClosedChange> =>
  app.rollBack.run(CALLER, { what: 'to', id, force: false, reason: null, ...(namespace !== undefined && { namespace }) });
const confirm = (id: number): Promise<ClosedChange> => app.confirm.run(CALLER, id, null);
const valueIn = async (tree: KernelTree): Promise<number> => Number(await tree.read(FILE));
const values = (): Promise<readonly number[]> => Promise.all([app.tree, blue, red].map(valueIn));
const pass = async (seconds: number): Promise<void> => {
  app.clock.sinceBoot += seconds * 1_000;
  await app.revert.run();
};
const refOf = async (name: string): Promise<NamespaceRef> => (await app.kernel.read(name)).namespace as NamespaceRef;

describe('a change in a network namespace', () => {
  it('changes it alone, and is recorded with its identity', async () => {
    const closed = await change('blue', 51);
    expect(await values()).toEqual([ON_HOST, 51, IN_RED]);
    expect(closed).toMatchObject({ outcome: 'applied', namespace: await refOf('blue'), observed: { settings: { udp_timeout: 51 } } });
    expect(app.journal.get(closed.id)).toEqual(closed);
    expect((await app.journal.verify()).broken).toBeUndefined();
  });

  it('is listed among the changes of the setting, and is not taken for one of the host', async () => {
    await change('blue', 51);
    await change(undefined, 41);
    await change('red', 61);
    expect(app.journal.list({ setting: 'udp_timeout' }, 10).map(({ id }) => id)).toEqual([3, 2, 1]);
    expect(app.journal.list({ setting: 'udp_timeou' }, 10)).toEqual([]);
    expect(app.journal.lastToAlter('udp_timeout', 0)).toBe(2);
    await app.drift.run();
    expect(app.journal.nextId()).toBe(4);
  });

  it('does not hide the drift of the host, nor is its own change taken for drift', async () => {
    await change(undefined, 41);
    await change('blue', 41);
    await app.tree.write(FILE, '42\n');
    await blue.write(FILE, '99\n');
    await app.drift.run();
    expect(app.journal.list({}, 1)).toMatchObject([{ kind: 'drift', settings: [{ name: 'udp_timeout', before: 41, requested: 42 }] }]);
    expect(app.journal.nextId()).toBe(4);
    expect((await app.settings.one('udp_timeout')).drift).toMatchObject({ from: 41 });
    expect((await app.settings.all('blue')).settings.filter(({ drift }) => drift)).toEqual([]);
  });

  it('cannot be persisted, with the reason', async () => {
    const request = { namespace: 'blue', settings: { udp_timeout: 51 }, persist: true, reason: null };
    await expect(app.change.run(CALLER, request)).rejects.toMatchObject({
      code: 'NOT_SUPPORTED_HERE',
      message: expect.stringContaining('blue') as string,
    });
    await expect(app.change.preview(request)).rejects.toMatchObject({ code: 'NOT_SUPPORTED_HERE' });
    expect(app.journal.nextId()).toBe(1);
  });

  it('plans without writing or recording', async () => {
    const plan = await app.change.preview({ namespace: 'blue', settings: { udp_timeout: 51 }, persist: false, reason: null });
    expect(plan.steps).toMatchObject([{ name: 'udp_timeout', before: IN_BLUE, requested: 51 }]);
    expect(await values()).toEqual([ON_HOST, IN_BLUE, IN_RED]);
    expect(app.journal.nextId()).toBe(1);
  });

  it('fails without a trace elsewhere if the name goes to another namespace between the plan and the write', async () => {
    let next = blue;
    app.kernel.tamper = async (_name, _value, write) => {
      next = await app.namespaces.add('blue', IN_NEXT);
      return write();
    };
    expect(await change('blue', 51)).toMatchObject({ outcome: 'failed', failure: { code: 'NAMESPACE_REPLACED' } });
    expect(await valueIn(next)).toBe(IN_NEXT);
  });

  it('fails, and has nothing to restore, if the namespace is deleted after the first of several writes', async () => {
    app.kernel.tamper = async (name, _value, write) => {
      if (name === 'udp_timeout') app.namespaces.delete('blue');
      return write();
    };
    const request = { namespace: 'blue', settings: { acct: 1, icmp_timeout: 31, udp_timeout: 51 }, persist: false, reason: null };
    const closed = await app.change.run(CALLER, request);
    expect(closed).toMatchObject({ outcome: 'failed', failure: { code: 'NAMESPACE_NOT_FOUND' }, observed: { settings: { acct: null } } });
  });
});

describe('a rollback', () => {
  it('restores the value in the network namespace of the change', async () => {
    const { id } = await change('blue', 51);
    await change(undefined, 41);
    expect(await rollBack(id)).toMatchObject({ outcome: 'applied', kind: 'rollback', namespace: { name: 'blue' } });
    expect(await values()).toEqual([41, IN_BLUE, IN_RED]);
  });

  it('conflicts with later changes of the same namespace only', async () => {
    const { id } = await change('blue', 51);
    await change('red', 52);
    await change(undefined, 52);
    await change('blue', 52);
    await expect(rollBack(id)).rejects.toMatchObject({ code: 'STATE_CHANGED', details: { conflicts: [{ changedBy: 4 }] } });
  });

  it.each([true, false])('is refused if the name belongs to another namespace now (force: %s)', async (force) => {
    const { id } = await change('blue', 51);
    const next = await app.namespaces.add('blue', 51);
    await expect(rollBack(id, force)).rejects.toMatchObject({ code: 'NAMESPACE_REPLACED' });
    app.namespaces.delete('blue');
    await expect(rollBack(id, force)).rejects.toMatchObject({ code: 'NAMESPACE_NOT_FOUND' });
    expect(await valueIn(next)).toBe(51);
    expect(app.journal.nextId()).toBe(2);
  });

  it('to an earlier state restores one namespace, and leaves the others and their windows alone', async () => {
    await change(undefined, 41);
    await change('blue', 51);
    await change('red', 61, window);
    await change('blue', 52, window);
    await change(undefined, 42);
    await rollBackTo(1);
    expect(await values()).toEqual([41, 52, 61]);
    await rollBackTo(1, 'blue');
    expect(await values()).toEqual([41, IN_BLUE, 61]);
    expect(app.confirmations.awaiting().map(({ change: { id } }) => id)).toEqual([3]);
    await pass(60);
    expect(await values()).toEqual([41, IN_BLUE, IN_RED]);
  });
});

describe('a confirmation window in a network namespace', () => {
  it('reverts there at the deadline', async () => {
    await change('blue', 51, window);
    await change('red', 61);
    await change(undefined, 41);
    await pass(60);
    expect(await values()).toEqual([41, IN_BLUE, 61]);
    expect(app.journal.get(4)).toMatchObject({ kind: 'auto-revert', rollbackOf: 1, outcome: 'applied', namespace: { name: 'blue' } });
    expect(app.confirmations.open()).toEqual([]);
  });

  it('keeps the value once it is confirmed, and is extended by a repeated request', async () => {
    await change('blue', 51, window);
    expect(await change('blue', 51, window)).toMatchObject({ kind: 'window-extended', relatesTo: 1 });
    expect(await change('red', 51, window)).toMatchObject({ kind: 'change' });
    expect(await confirm(1)).toMatchObject({ kind: 'confirmation', namespace: { name: 'blue' } });
    await pass(60);
    expect(await values()).toEqual([ON_HOST, 51, IN_RED]);
  });

  it('holds up changes of the same namespace only', async () => {
    await change('blue', 51, window);
    await change(undefined, 41);
    await change('red', 61);
    await expect(change('blue', 52)).rejects.toMatchObject({ code: 'AWAITING_CONFIRMATION' });
    expect(await change('blue', 52, { supersedes: 1 })).toMatchObject({ outcome: 'applied' });
  });

  it.each([
    [
      'deleted',
      () => {
        app.namespaces.delete('blue');
        return Promise.resolve(undefined);
      },
    ],
    ['replaced', () => app.namespaces.add('blue', 51)],
  ])('ends without a write if the namespace is %s, also while the service is stopped', async (_what, happen) => {
    await change('blue', 51, window);
    const next = await happen();
    await expect(confirm(1)).rejects.toMatchObject({ code: next ? 'NAMESPACE_REPLACED' : 'NAMESPACE_NOT_FOUND' });
    app = await app.restart();
    await pass(60);
    expect(app.journal.get(2)).toMatchObject({ kind: 'auto-revert', outcome: 'applied', settings: [] });
    expect(app.journal.get(2).reason).toMatch(/before the network namespace blue was deleted/);
    if (next) expect(await valueIn(next)).toBe(51);
    expect(app.confirmations.open()).toEqual([]);
  });

  it('reverts after a restart', async () => {
    await change('blue', 51, window);
    app = await app.restart();
    await pass(60);
    expect(await values()).toEqual([ON_HOST, IN_BLUE, IN_RED]);
  });

  it('ends with a reboot, after which a namespace of the same name and number is another one', async () => {
    await change('blue', 51, window);
    await app.tree.write(BOOT_ID, '00000000-0000-4000-8000-000000000000\n');
    app = await app.restart();
    await pass(1);
    expect(app.journal.get(2)).toMatchObject({ kind: 'auto-revert', settings: [] });
    await expect(rollBack(1))
      .rejects.toMatchObject({ code: 'NOTHING_TO_ROLL_BACK' })
      .catch(() => undefined);
    expect(await valueIn(blue)).toBe(51);
  });

  it('leaves a value alone that another writer changed in the namespace', async () => {
    await change('blue', 51, window);
    await blue.write(FILE, '99\n');
    await pass(60);
    expect(app.journal.get(2)).toMatchObject({ kind: 'auto-revert', outcome: 'diverged' });
    expect(await valueIn(blue)).toBe(99);
  });
});

describe('recovery of a change in a network namespace', () => {
  const open = async (): Promise<number> =>
    app.journal.open(intent({ namespace: await refOf('blue'), settings: [{ name: 'udp_timeout', before: IN_BLUE, requested: 51 }] }));

  it.each([
    ['51', 'recovered-applied'],
    [String(IN_BLUE), 'recovered-unchanged'],
    ['7', 'diverged'],
  ])('with %s there closes it as %s, whatever the host has', async (value, outcome) => {
    await open();
    await app.tree.write(FILE, '51\n');
    await blue.write(FILE, `${value}\n`);
    app = await app.restart();
    await app.recover.run();
    expect(app.journal.get(1).outcome).toBe(outcome);
  });

  it.each([
    [
      'gone',
      'NAMESPACE_NOT_FOUND',
      () => {
        app.namespaces.delete('blue');
        return Promise.resolve(undefined);
      },
    ],
    ['replaced by another', 'NAMESPACE_REPLACED', () => app.namespaces.add('blue', 51)],
  ])('with the namespace %s closes it as diverged, and changes go on', async (_what, code, happen) => {
    await open();
    await happen();
    app = await app.restart();
    expect(await change(undefined, 41)).toMatchObject({ outcome: 'applied' });
    expect(app.journal.get(1)).toMatchObject({ outcome: 'diverged', failure: { code }, observed: { settings: { udp_timeout: null } } });
  });
});

describe('the state that If-Match names', () => {
  it('is that of one network namespace', async () => {
    const seen: unknown[] = [];
    const isExpected = (state: unknown): boolean => {
      seen.push(state);
      return false;
    };
    await expect(change('blue', 51, { isExpected })).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
    const { identity } = await refOf('blue');
    expect(seen).toMatchObject([{ namespace: identity, settings: { udp_timeout: IN_BLUE }, files: {} }]);
  });
});
