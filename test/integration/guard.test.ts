import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GUARD_DEFAULTS, type GuardConfig } from '../../src/domain/guard/guard-config.ts';
import { PLAIN_TERMS } from '../../src/application/change/change-terms.ts';
import { CALLER, openApp, type App } from '../support/app.ts';

const MAX = 'proc/sys/net/netfilter/nf_conntrack_max';
const COUNT = 'proc/sys/net/netfilter/nf_conntrack_count';
const HASHSIZE = 'sys/module/nf_conntrack/parameters/hashsize';

let app: App;
beforeEach(async () => {
  app = await openApp();
  await app.tree.write(MAX, '65536\n');
  await app.tree.write(HASHSIZE, '65536\n');
  await app.tree.write(COUNT, '60000\n');
  await app.tree.write('proc/meminfo', 'MemTotal: 4194304 kB\nMemAvailable: 2097152 kB\n');
});
afterEach(() => app.close());

const configure = (config: Partial<GuardConfig> = {}) =>
  app.configureGuard.run(CALLER, { ...GUARD_DEFAULTS, enabled: true, cooldownSeconds: 1, ...config }, null);
const max = async (): Promise<number> => Number(await app.tree.read(MAX));
const action = async (): Promise<string> => (await app.guard.status()).decision.action;

describe('the capacity guard', () => {
  it('is off until it is configured, and then reads and records nothing', async () => {
    await app.tree.write(MAX, 'not a number\n');
    expect(await app.guard.run()).toBeUndefined();
    expect(app.journal.head().sequence).toBe(0);
  });

  it('raises max as a recorded change with its evidence, which a rollback restores', async () => {
    await configure({ ceiling: 80_000 });
    const change = await app.guard.run();
    expect(change).toMatchObject({
      kind: 'change',
      outcome: 'applied',
      actor: { name: 'guard' },
      settings: [{ name: 'max', requested: 80_000 }],
    });
    expect(await max()).toBe(80_000);
    const recorded = app.journal.get(change?.id ?? 0);
    expect(recorded.guard).toEqual({
      trigger: 'raiseAt',
      count: 60_000,
      max: 65_536,
      limit: 80_000,
      limitedBy: 'ceiling',
      persistAfterConfirm: false,
    });
    expect(recorded.reason).toContain('60000 of 65536 entries in use (91.6 %)');
    await app.rollBack.run(CALLER, { what: 'change', id: change?.id ?? 0, reason: null, force: false });
    expect(await max()).toBe(65_536);
  });

  it('raises the buckets first with follow', async () => {
    await configure({ buckets: 'follow', factor: 2 });
    expect(await app.guard.run()).toMatchObject({
      settings: [
        { name: 'buckets', requested: 131_072 },
        { name: 'max', requested: 131_072 },
      ],
    });
  });

  it('is suspended by a rollback, also after a restart, until it is configured again', async () => {
    await configure();
    const change = await app.guard.run();
    await app.rollBack.run(CALLER, { what: 'change', id: change?.id ?? 0, reason: null, force: false });
    app = await app.restart();
    expect(await app.guard.run()).toBeUndefined();
    expect((await app.guard.status()).decision).toMatchObject({ action: 'suspended', by: [{ by: 'night-shift' }] });
    await configure();
    expect(await app.guard.run()).toMatchObject({ outcome: 'applied' });
  });

  it('stops after another program has lowered max twice, and names what the host shows of it', async () => {
    await app.tree.write('etc/sysctl.d/90-site.conf', 'net.netfilter.nf_conntrack_max = 65536\n');
    await configure();
    expect(await app.guard.run()).toMatchObject({ outcome: 'applied' });
    await app.tree.write(MAX, '65536\n');
    expect(await app.guard.run()).toMatchObject({ outcome: 'applied' });
    await app.tree.write(MAX, '65536\n');
    expect(await app.guard.run()).toBeUndefined();
    expect(await max()).toBe(65_536);
    const { decision, history } = await app.guard.status();
    expect(decision).toMatchObject({ action: 'CONTESTED' });
    expect(decision.reason).toContain('/etc/sysctl.d/90-site.conf, line 1, sets this value');
    expect(history).toMatchObject({ raises: 2, lowered: [{}, {}] });
  });

  it('records what another program set before it raises it again', async () => {
    await configure();
    await app.guard.run();
    await app.tree.write(MAX, '61000\n');
    await app.guard.run();
    expect(app.journal.list({ setting: 'max' }, 3).map(({ kind, actor }) => `${kind} ${actor.name}`)).toEqual([
      'change guard',
      'drift external',
      'change guard',
    ]);
  });

  it('leaves a value alone that awaits confirmation, and does not retry at once', async () => {
    await configure();
    const settings = { max: 66_000 };
    await app.change.run(CALLER, { settings, persist: false, reason: null }, { ...PLAIN_TERMS, confirmWithinSeconds: 60 });
    await expect(app.guard.run()).rejects.toMatchObject({ code: 'AWAITING_CONFIRMATION' });
    expect(await app.guard.run()).toBeUndefined();
    expect((await app.guard.status()).refused).toMatchObject({ code: 'AWAITING_CONFIRMATION' });
    app.clock.sinceBoot += 5_000;
    await expect(app.guard.run()).rejects.toMatchObject({ code: 'AWAITING_CONFIRMATION' });
    expect(await max()).toBe(66_000);
  });

  it('persists a raise only when a person confirms it, and only if it was configured so', async () => {
    await configure();
    const first = await app.guard.run();
    await expect(app.confirm.run(CALLER, first?.id ?? 0, null)).rejects.toMatchObject({ code: 'NOT_AWAITING_CONFIRMATION' });
    await configure({ persist: 'afterConfirm', raiseAt: 0.5 });
    const second = await app.guard.run();
    expect(second?.files).toEqual([]);
    const confirmation = await app.confirm.run(CALLER, second?.id ?? 0, null);
    expect(confirmation).toMatchObject({ kind: 'confirmation', relatesTo: second?.id });
    expect(await app.bootFiles.persisted('nf_conntrack')).toMatchObject({ max: await max() });
  });

  it('keeps its configuration in the chain of the journal', async () => {
    await configure({ raiseAt: 0.755, factor: 1.25, ceiling: null, memoryShare: 0.1 });
    app = await app.restart();
    expect(app.journal.guard()).toMatchObject({
      before: null,
      by: { actor: { name: 'night-shift' }, requestId: 'req-1' },
      config: { enabled: true, raiseAt: 0.755, factor: 1.25, ceiling: null, memoryShare: 0.1 },
    });
    expect(await app.journal.verify()).toMatchObject({ records: 1 });
    expect(await action()).toBe('raise');
  });
});
