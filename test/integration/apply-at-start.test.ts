import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLAIN_TERMS } from '../../src/application/change/change-terms.ts';
import { CALLER, openApp, type App } from '../support/app.ts';

const UDP = 'proc/sys/net/netfilter/nf_conntrack_udp_timeout';
const DEFAULT = '30\n';

let app: App;
beforeEach(async () => {
  app = await openApp();
});
afterEach(() => app.close());

const change = (seconds: number, confirmWithinSeconds: number | null = null): ReturnType<App['change']['run']> =>
  app.change.run(CALLER, { settings: { udp_timeout: seconds }, persist: false, reason: null }, { ...PLAIN_TERMS, confirmWithinSeconds });
const reboot = async (): Promise<void> => {
  await app.tree.write('proc/sys/kernel/random/boot_id', '11111111-0000-4000-8000-000000000000\n');
  await app.tree.write(UDP, DEFAULT);
  await app.revert.run();
};
const value = async (): Promise<number> => Number(await app.tree.read(UDP));

describe('applying at start', () => {
  it('re-applies the values of the last change before the reboot, as a recorded change', async () => {
    await change(40);
    await change(45);
    await reboot();
    expect(await app.applyAtStart.run()).toMatchObject({
      kind: 'reapply',
      outcome: 'applied',
      actor: { name: 'conntrack-api' },
      settings: [{ name: 'udp_timeout', before: 30, requested: 45 }],
    });
    expect(await value()).toBe(45);
    expect(await app.applyAtStart.run()).toBeUndefined();
  });

  it('re-applies them again after the next reboot', async () => {
    await change(45);
    await reboot();
    await app.applyAtStart.run();
    await app.tree.write('proc/sys/kernel/random/boot_id', '22222222-0000-4000-8000-000000000000\n');
    await app.tree.write(UDP, DEFAULT);
    await app.applyAtStart.run();
    expect(await value()).toBe(45);
  });

  it('leaves a value alone that another writer changed since the boot', async () => {
    await change(45);
    await app.tree.write(UDP, '50\n');
    expect(await app.applyAtStart.run()).toBeUndefined();
    expect(await value()).toBe(50);
  });

  it('re-applies values of recorded changes, not those of other writers before the reboot', async () => {
    await change(45);
    await app.tree.write(UDP, '50\n');
    await app.drift.run();
    await reboot();
    await app.applyAtStart.run();
    expect(await value()).toBe(45);
  });

  it('does not re-apply an unconfirmed change', async () => {
    await change(40);
    await change(45, 60);
    await reboot();
    await app.applyAtStart.run();
    expect(await value()).toBe(40);
  });

  it('re-applies a confirmed change', async () => {
    const { id } = await change(45, 60);
    await app.confirm.run(CALLER, id, null);
    await reboot();
    await app.applyAtStart.run();
    expect(await value()).toBe(45);
  });

  it('re-applies the values that a rollback restored', async () => {
    await change(40);
    const { id } = await change(45);
    await app.rollBack.run(CALLER, { what: 'change', id, force: false, reason: null });
    await reboot();
    await app.applyAtStart.run();
    expect(await value()).toBe(40);
  });

  it('re-applies what can be written, and records what cannot', async () => {
    await app.change.run(CALLER, { settings: { udp_timeout: 45, icmp_timeout: 20 }, persist: false, reason: null });
    await reboot();
    await app.tree.write('proc/sys/net/netfilter/nf_conntrack_icmp_timeout', DEFAULT);
    await chmod(join(app.tree.root, UDP), 0o444);
    expect(await app.applyAtStart.run()).toMatchObject({
      outcome: 'diverged',
      settings: [{ name: 'icmp_timeout', requested: 20 }],
      reason: expect.stringContaining('not writable here: udp_timeout') as string,
    });
  });

  it('is refused with the reason where nothing can be written', async () => {
    await change(45);
    await reboot();
    await chmod(join(app.tree.root, UDP), 0o444);
    await expect(app.applyAtStart.run()).rejects.toMatchObject({ code: 'SETTING_NOT_WRITABLE', details: { errno: 'EACCES' } });
    expect(app.journal.list({}, 1)).toMatchObject([{ kind: 'change' }]);
  });
});
