import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLAIN_TERMS } from '../../src/application/change/change-terms.ts';
import { CALLER, openDoor, type Door } from '../support/gate.ts';

const UDP = 'proc/sys/net/netfilter/nf_conntrack_udp_timeout';
const DEFAULT = '30\n';

let door: Door;
beforeEach(async () => {
  door = await openDoor();
});
afterEach(() => door.close());

const change = (seconds: number, confirmWithinSeconds: number | null = null): ReturnType<Door['change']['run']> =>
  door.change.run(CALLER, { settings: { udp_timeout: seconds }, persist: false, reason: null }, { ...PLAIN_TERMS, confirmWithinSeconds });
const reboot = async (): Promise<void> => {
  await door.tree.write('proc/sys/kernel/random/boot_id', '11111111-0000-4000-8000-000000000000\n');
  await door.tree.write(UDP, DEFAULT);
  await door.revert.run();
};
const value = async (): Promise<number> => Number(await door.tree.read(UDP));

describe('applying at start', () => {
  it('sets again what the last change had left before the reboot, as a recorded change', async () => {
    await change(40);
    await change(45);
    await reboot();
    expect(await door.applyAtStart.run()).toMatchObject({
      kind: 'reapply',
      outcome: 'applied',
      actor: { name: 'conntrack-api' },
      settings: [{ name: 'udp_timeout', before: 30, requested: 45 }],
    });
    expect(await value()).toBe(45);
    expect(await door.applyAtStart.run()).toBeUndefined();
  });

  it('does so again after the next reboot', async () => {
    await change(45);
    await reboot();
    await door.applyAtStart.run();
    await door.tree.write('proc/sys/kernel/random/boot_id', '22222222-0000-4000-8000-000000000000\n');
    await door.tree.write(UDP, DEFAULT);
    await door.applyAtStart.run();
    expect(await value()).toBe(45);
  });

  it('leaves alone what somebody moved in this boot', async () => {
    await change(45);
    await door.tree.write(UDP, '50\n');
    expect(await door.applyAtStart.run()).toBeUndefined();
    expect(await value()).toBe(50);
  });

  it('goes by our own changes, not by what others did before the reboot', async () => {
    await change(45);
    await door.tree.write(UDP, '50\n');
    await door.drift.run();
    await reboot();
    await door.applyAtStart.run();
    expect(await value()).toBe(45);
  });

  it('does not bring back what nobody had confirmed', async () => {
    await change(40);
    await change(45, 60);
    await reboot();
    await door.applyAtStart.run();
    expect(await value()).toBe(40);
  });

  it('brings back what was confirmed', async () => {
    const { id } = await change(45, 60);
    await door.confirm.run(CALLER, id, null);
    await reboot();
    await door.applyAtStart.run();
    expect(await value()).toBe(45);
  });

  it('brings back what a rollback had left', async () => {
    await change(40);
    const { id } = await change(45);
    await door.rollBack.run(CALLER, { what: 'change', id, force: false, reason: null });
    await reboot();
    await door.applyAtStart.run();
    expect(await value()).toBe(40);
  });
});
