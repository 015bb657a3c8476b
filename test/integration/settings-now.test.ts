import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLAIN_TERMS } from '../../src/application/change/change-terms.ts';
import { CALLER, openApp, type App } from '../support/app.ts';

const FILE = 'etc/modprobe.d/test.conf';
const UDP = 'proc/sys/net/netfilter/nf_conntrack_udp_timeout';
const GENERIC = 'proc/sys/net/netfilter/nf_conntrack_generic_timeout';
/** Longer than the coarsest time stamp that a reading of the boot files allows for: from then on, results are kept. */
const AGED_MILLISECONDS = 2_300;

let app: App;
beforeEach(async () => {
  app = await openApp();
  await app.tree.write(FILE, 'options nf_conntrack hashsize=8192\n');
  await sleep(AGED_MILLISECONDS);
  await app.settings.all();
});
afterEach(() => app.close());

const drift = async (): Promise<unknown> => (await app.settings.one('udp_timeout')).drift;
const bucketsAtNextBoot = async (): Promise<unknown> => (await app.settings.one('buckets')).atNextBoot.value;

describe('the settings, read again', () => {
  it('have drift once it is recorded, the newest drift, and none after a change', async () => {
    await app.drift.run();
    expect(await drift()).toBeUndefined();
    for (const [from, to] of [
      [30, 44],
      [44, 45],
    ] as const) {
      await app.tree.write(UDP, `${String(to)}\n`);
      await app.drift.run();
      expect(await drift()).toMatchObject({ from });
      expect(await drift()).toMatchObject({ from });
    }
    await app.change.run(CALLER, { settings: { udp_timeout: 50 }, persist: false, reason: null }, PLAIN_TERMS);
    expect(await drift()).toBeUndefined();
  });

  it('have the value of the next boot according to a file that was edited meanwhile', async () => {
    expect(await bucketsAtNextBoot()).toBe(8_192);
    await app.tree.write(FILE, 'options nf_conntrack hashsize=16384\n');
    expect(await bucketsAtNextBoot()).toBe(16_384);
  });

  it('are not changed by the plan of a change that would persist', async () => {
    await app.change.preview({ settings: { udp_timeout: 70 }, persist: true, reason: null }, PLAIN_TERMS);
    expect(await bucketsAtNextBoot()).toBe(8_192);
  });

  it('follow the kernel while no file changes', async () => {
    const names = async (): Promise<readonly string[]> => (await app.preview.view()).preview.settings.map(({ name }) => name);
    expect(await names()).toContain('generic_timeout');
    await unlink(join(app.tree.root, GENERIC));
    expect(await names()).not.toContain('generic_timeout');
    await app.tree.write(GENERIC, '600\n');
    expect(await names()).toContain('generic_timeout');
  });
});
