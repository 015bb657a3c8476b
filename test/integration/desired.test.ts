import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLAIN_TERMS } from '../../src/application/change/change-terms.ts';
import type { ClosedChange } from '../../src/domain/change.ts';
import type { DesiredSetting } from '../../src/domain/desired/desired-state.ts';
import { CALLER, openApp, type App } from '../support/app.ts';

const MAX = 'proc/sys/net/netfilter/nf_conntrack_max';
const UDP = 'proc/sys/net/netfilter/nf_conntrack_udp_timeout';
const BOOT_ID = 'proc/sys/kernel/random/boot_id';

let app: App;
beforeEach(async () => {
  app = await openApp();
  await app.tree.write(MAX, '65536\n');
  await app.tree.write(UDP, '30\n');
});
afterEach(() => app.close());

const configure = (settings: Record<string, DesiredSetting>, restoresPerDay = 2) =>
  app.configureDesired.run(CALLER, { settings, restoresPerDay }, null);
const run = async (): Promise<readonly ClosedChange[]> => app.desired.run(await app.drift.run());
const states = async () => Object.fromEntries((await app.desired.status()).map(({ name, state }) => [name, state]));
const value = async (path: string): Promise<number> => Number(await app.tree.read(path));
const KEEP_MAX = { max: { atLeast: 65_536, onDrift: 'restore' } } as const;

describe('the desired state', () => {
  it('is empty until it is configured, and then records nothing', async () => {
    expect(await run()).toEqual([]);
    await app.tree.write(MAX, '1000\n');
    expect(await run()).toEqual([]);
    expect(await app.desired.status()).toEqual([]);
    expect(await value(MAX)).toBe(1000);
  });

  it('restores a value that another program changed, as a change that names the change it corrects', async () => {
    await configure(KEEP_MAX);
    expect(await run()).toEqual([]);
    expect(await states()).toEqual({ max: 'met' });
    await app.tree.write(MAX, '30000\n');
    const [change] = await run();
    expect(change).toMatchObject({
      kind: 'change',
      outcome: 'applied',
      actor: { name: 'desired' },
      settings: [{ name: 'max', before: 30_000, requested: 65_536 }],
    });
    const drift = app.journal.list({ setting: 'max' }, 2)[1];
    expect(drift?.kind).toBe('drift');
    expect(change?.reason).toContain(`max is 30000, expected at least 65536, since change ${String(drift?.id)} (`);
    expect(await value(MAX)).toBe(65_536);
    expect((await app.desired.status())[0]).toMatchObject({ state: 'met', restores: [{ change: change?.id, drift: drift?.id }] });
  });

  it('accepts more than atLeast, and a max without limit, and restores only the setting that differs', async () => {
    await configure({ max: { atLeast: 60_000, onDrift: 'restore' }, udp_timeout: { equals: 30, onDrift: 'restore' } });
    await run();
    for (const enough of ['60000', '900000', '0']) {
      await app.tree.write(MAX, `${enough}\n`);
      expect(await run()).toEqual([]);
    }
    await app.tree.write(UDP, '31\n');
    expect(await run()).toMatchObject([{ settings: [{ name: 'udp_timeout', requested: 30 }] }]);
    expect(await value(MAX)).toBe(0);
  });

  it('sets a value that differs when it is configured, without counting that', async () => {
    await configure({ udp_timeout: { equals: 45, onDrift: 'restore' } });
    expect(await run()).toMatchObject([{ outcome: 'applied', settings: [{ name: 'udp_timeout', before: 30, requested: 45 }] }]);
    expect((await app.desired.status())[0]).toMatchObject({ state: 'met', restores: [] });
  });

  it('does not count what another program had set before either', async () => {
    await run();
    await app.tree.write(MAX, '30000\n');
    await configure(KEEP_MAX);
    expect(await run()).toMatchObject([{ settings: [{ name: 'max', before: 30_000 }] }]);
    expect((await app.desired.status())[0]).toMatchObject({ state: 'met', restores: [] });
  });

  it('only reports with report', async () => {
    await configure({ max: { atLeast: 65_536, onDrift: 'report' } });
    await run();
    await app.tree.write(MAX, '30000\n');
    expect(await run()).toEqual([]);
    expect(await value(MAX)).toBe(30_000);
    expect(await states()).toEqual({ max: 'differs' });
  });

  it('stops after restoresPerDay, names the writers, and goes on a day later; other settings are not affected', async () => {
    await app.tree.write('etc/sysctl.d/90-site.conf', 'net.netfilter.nf_conntrack_max = 30000\n');
    await configure({ ...KEEP_MAX, udp_timeout: { equals: 30, onDrift: 'restore' } });
    await run();
    for (let restores = 1; restores <= 2; restores += 1) {
      await app.tree.write(MAX, '30000\n');
      expect(await run()).toHaveLength(1);
    }
    await app.tree.write(MAX, '30000\n');
    await app.tree.write(UDP, '31\n');
    expect(await run()).toMatchObject([{ settings: [{ name: 'udp_timeout' }] }]);
    const [max] = await app.desired.status();
    expect(max).toMatchObject({ state: 'CONTESTED', restores: [{}, {}] });
    expect(max?.reason).toContain('/etc/sysctl.d/90-site.conf, line 1, sets this value');
    app = await app.restart();
    expect(await run()).toEqual([]);
    app.clock.skip(86_400_000);
    expect(await run()).toHaveLength(1);
  });

  it('leaves a change through the service alone, until it is configured again', async () => {
    await configure(KEEP_MAX);
    await run();
    const made = await app.change.run(CALLER, { settings: { max: 40_000 }, persist: false, reason: null });
    expect(await run()).toEqual([]);
    expect((await app.desired.status())[0]).toMatchObject({ state: 'overridden' });
    expect((await app.desired.status())[0]?.reason).toContain(`change ${made.id} by ${CALLER.actor.name}`);
    await configure(KEEP_MAX);
    expect(await run()).toMatchObject([{ settings: [{ before: 40_000, requested: 65_536 }] }]);
  });

  it('leaves a rolled back restore alone', async () => {
    await configure(KEEP_MAX);
    await run();
    await app.tree.write(MAX, '30000\n');
    const [change] = await run();
    await app.rollBack.run(CALLER, { what: 'change', id: change?.id ?? 0, reason: null, force: false });
    expect(await run()).toEqual([]);
    expect(await states()).toEqual({ max: 'overridden' });
  });

  it('does not touch a value that awaits confirmation, and restores after its revert', async () => {
    await configure(KEEP_MAX);
    await run();
    const settings = { max: 50_000 };
    await app.change.run(CALLER, { settings, persist: false, reason: null }, { ...PLAIN_TERMS, confirmWithinSeconds: 60 });
    expect(await run()).toEqual([]);
    expect(await value(MAX)).toBe(50_000);
  });

  it('restores what a reboot reset without counting it, however often the host boots', async () => {
    await configure(KEEP_MAX);
    await run();
    for (let boot = 1; boot <= 4; boot += 1) {
      await app.tree.write(BOOT_ID, `00000000-0000-4000-8000-00000000000${String(boot)}\n`);
      await app.tree.write(MAX, '30000\n');
      app = await app.restart();
      expect(await run()).toHaveLength(1);
    }
    const [max] = await app.desired.status();
    expect(max?.state).toBe('met');
    expect(max?.restores.length).toBeLessThanOrEqual(1);
  });

  it('is refused for what this kernel cannot do', async () => {
    await expect(configure({ nothing: { equals: 1, onDrift: 'report' } })).rejects.toMatchObject({ code: 'SETTING_UNKNOWN' });
    await expect(configure({ udp_timeout: { equals: -1, onDrift: 'report' } })).rejects.toMatchObject({ code: 'VALUE_OUT_OF_RANGE' });
    expect(app.journal.desired()).toBeUndefined();
  });

  it('is kept in the chain of the journal', async () => {
    await configure(KEEP_MAX, 5);
    app = await app.restart();
    expect(app.journal.desired()).toMatchObject({
      before: null,
      by: { actor: { name: CALLER.actor.name } },
      config: { settings: KEEP_MAX, restoresPerDay: 5 },
    });
    expect(await app.journal.verify()).toMatchObject({ records: 1 });
  });
});
