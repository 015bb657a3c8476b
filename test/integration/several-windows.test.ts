import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLAIN_TERMS, type ChangeTerms } from '../../src/application/change/change-terms.ts';
import type { ClosedChange } from '../../src/domain/change.ts';
import { CALLER, openApp, type App } from '../support/app.ts';

const SYSCTL_FILE = 'etc/sysctl.d/99-zz-conntrack-api.conf';
const SECONDS = 'proc/sys/net/netfilter/nf_conntrack_udp_timeout';
const window = { confirmWithinSeconds: 60 };

let app: App;
beforeEach(async () => {
  app = await openApp();
  await app.tree.write(SECONDS, '70\n');
});
afterEach(() => app.close());

const change = (settings: Record<string, number>, terms: Partial<ChangeTerms> = {}, persist = false): Promise<ClosedChange> =>
  app.change.run(
    CALLER,
    { settings, persist, reason: null },
    { ...PLAIN_TERMS, acknowledge: ['CHAIN_LENGTH', 'BUCKETS_ROUNDED'], ...terms },
  );
const confirm = (id: number): Promise<ClosedChange> => app.confirm.run(CALLER, id, null);
const rollBack = (id: number, force = false): Promise<ClosedChange> =>
  app.rollBack.run(CALLER, { what: 'change', id, force, reason: null }, { ...PLAIN_TERMS, acknowledge: ['BOOT_FILE_EDITED'] });
const live = async (name = 'udp_timeout'): Promise<number> => Number(await app.tree.read(`proc/sys/net/netfilter/nf_conntrack_${name}`));
const persisted = (): Promise<unknown> => app.bootFiles.persisted('nf_conntrack');
const pass = async (seconds: number): Promise<void> => {
  app.clock.sinceBoot += seconds * 1_000;
  await app.revert.run();
};

describe('two confirmation windows on one setting', () => {
  beforeEach(async () => {
    await change({ udp_timeout: 100 }, window);
    await change({ udp_timeout: 110 }, window);
  });

  it('both expire: the last confirmed value is restored', async () => {
    await pass(60);
    expect(await live()).toBe(70);
  });

  it('the first expires, and its deadline leaves the second alone', async () => {
    await pass(30);
    await change({ udp_timeout: 120 }, window);
    await pass(30);
    expect(await live()).toBe(120);
    await pass(30);
    expect(await live()).toBe(70);
  });

  it('the second is confirmed: it stays', async () => {
    await confirm(2);
    await pass(600);
    expect(await live()).toBe(110);
  });

  it('the first can no longer be confirmed, and says why', async () => {
    await expect(confirm(1)).rejects.toMatchObject({
      code: 'NOT_AWAITING_CONFIRMATION',
      message: expect.stringContaining('udp_timeout by change 2') as string,
    });
  });

  it('rolling back the second restores the last confirmed value, before and after its confirmation', async () => {
    await rollBack(2);
    expect(await live()).toBe(70);
    await rollBack(3);
    expect(await live()).toBe(110);
  });

  it('rolling back the confirmed second never restores the value of the first, which was not confirmed', async () => {
    await confirm(2);
    await rollBack(2);
    expect(await live()).toBe(70);
  });

  it('a restart and a deadline that passed meanwhile change nothing about it', async () => {
    app.clock.sinceBoot += 60_000;
    app = await app.restart();
    await app.revert.run();
    expect(await live()).toBe(70);
  });

  it('a change that another program overwrote is left alone', async () => {
    await app.tree.write(SECONDS, '77\n');
    await pass(60);
    expect(await live()).toBe(77);
    expect(app.journal.list({}, 1)[0]).toMatchObject({ kind: 'auto-revert', outcome: 'diverged' });
  });
});

describe('windows that share some settings', () => {
  beforeEach(async () => {
    await change({ udp_timeout: 100, icmp_timeout: 40 }, window, true);
    await change({ udp_timeout: 110 }, window);
  });

  it('confirming the older one confirms and persists only what is still pending under it', async () => {
    const confirmation = await confirm(1);
    expect(await persisted()).toEqual({ icmp_timeout: 40 });
    expect([...(app.confirmations.windowFor(confirmation)?.superseded ?? [])]).toEqual([['udp_timeout', 2]]);
    await pass(60);
    expect([await live(), await live('icmp_timeout')]).toEqual([70, 40]);
  });

  it('lists what is pending under each', () => {
    expect(app.confirmations.awaiting().map(({ change: { id }, pending }) => [id, pending])).toEqual([
      [1, ['icmp_timeout']],
      [2, ['udp_timeout']],
    ]);
  });

  it('rolling back the older one names the newer one; forced, it restores both', async () => {
    await expect(rollBack(1)).rejects.toMatchObject({
      code: 'AWAITING_CONFIRMATION',
      details: { conflicts: [{ subject: 'udp_timeout', changedBy: 2 }] },
    });
    await rollBack(1, true);
    expect([await live(), await live('icmp_timeout')]).toEqual([70, 30]);
    expect(app.confirmations.awaiting()).toEqual([]);
  });
});

describe('a change without a window', () => {
  beforeEach(() => change({ udp_timeout: 100 }, window));

  it('to a pending setting is refused, as is its dry run and removing it from the boot files', async () => {
    const refusal = { code: 'AWAITING_CONFIRMATION', details: { conflicts: [{ subject: 'udp_timeout', changedBy: 1 }] } };
    await expect(change({ udp_timeout: 50 })).rejects.toMatchObject(refusal);
    await expect(app.change.preview({ settings: { udp_timeout: 50 }, persist: false, reason: null })).rejects.toMatchObject(refusal);
    await expect(change({ udp_timeout: 50 }, { supersedes: 9 })).rejects.toMatchObject(refusal);
    await expect(app.unpersist.run(CALLER, { names: ['udp_timeout'], reason: null })).rejects.toMatchObject(refusal);
  });

  it('that supersedes the pending one is confirmed at once', async () => {
    await change({ udp_timeout: 50 }, { supersedes: 1 });
    await expect(confirm(1)).rejects.toMatchObject({ code: 'NOT_AWAITING_CONFIRMATION' });
    await pass(60);
    expect(await live()).toBe(50);
  });

  it('does not persist the pending value of a setting that is persisted together with it', async () => {
    await change({ buckets: 32_768 }, window);
    await expect(change({ max: 131_072 }, {}, true)).rejects.toMatchObject({ code: 'AWAITING_CONFIRMATION' });
  });
});

it('confirming max while buckets is superseded keeps the last confirmed buckets in the boot files', async () => {
  const buckets = await live('buckets');
  await change({ max: 131_072, buckets: 32_768 }, window, true);
  await change({ buckets: 49_152 }, window);
  await confirm(1);
  expect(await persisted()).toEqual({ max: 131_072, buckets });
});

describe('repeating a change with a window', () => {
  it('writes again where another program has changed the value meanwhile', async () => {
    await change({ udp_timeout: 100 }, window);
    await app.tree.write(SECONDS, '77\n');
    expect(await change({ udp_timeout: 100 }, window)).toMatchObject({ kind: 'change', outcome: 'applied' });
    expect(await live()).toBe(100);
    await pass(60);
    expect(await live()).toBe(70);
  });

  it('does not extend a window that has expired', async () => {
    await change({ udp_timeout: 100 }, window);
    app.clock.sinceBoot += 60_000;
    expect(await change({ udp_timeout: 100 }, window)).toMatchObject({ kind: 'change' });
  });
});

describe('rolling back a confirmed change that was persisted', () => {
  it.each([
    ['the change', 1],
    ['its confirmation', 2],
  ])('undoes all of it when %s is named', async (_what, id) => {
    await change({ udp_timeout: 100 }, window, true);
    await confirm(1);
    expect(await rollBack(id)).toMatchObject({ kind: 'rollback', rollbackOf: 1, outcome: 'applied' });
    expect(await live()).toBe(70);
    await expect(app.tree.read(SYSCTL_FILE)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a later change that led back to the same value', () => {
  it('is a conflict, which a rollback of the later changes in order resolves', async () => {
    for (const seconds of [40, 50, 40]) await change({ udp_timeout: seconds });
    await expect(rollBack(1)).rejects.toMatchObject({
      code: 'STATE_CHANGED',
      details: { conflicts: [{ subject: 'udp_timeout', changedBy: 3 }] },
    });
    await rollBack(3);
    await expect(rollBack(1)).rejects.toMatchObject({ details: { conflicts: [{ changedBy: 2 }] } });
    await rollBack(2);
    await rollBack(1);
    expect(await live()).toBe(70);
  });

  it('is a conflict for a boot file too', async () => {
    for (const seconds of [40, 50, 40]) await change({ udp_timeout: seconds }, {}, true);
    await expect(rollBack(1)).rejects.toMatchObject({
      code: 'STATE_CHANGED',
      details: { conflicts: [{ changedBy: 3 }, { changedBy: 3 }] },
    });
  });

  it('is a conflict if another program made it', async () => {
    await change({ udp_timeout: 40 });
    for (const seconds of ['50\n', '40\n']) {
      await app.tree.write(SECONDS, seconds);
      await app.drift.run();
    }
    await expect(rollBack(1)).rejects.toMatchObject({ details: { conflicts: [{ expected: '40', found: '40', changedBy: 3 }] } });
  });
});

describe('the shared files of the legacy layout', () => {
  const CONF = 'etc/sysctl.conf';
  beforeEach(async () => {
    await app.close();
    app = await openApp('ip_conntrack');
  });
  const conf = (): Promise<string> => app.tree.read(CONF);

  it('keep the lines that others added since', async () => {
    const theirs = (text: string): string =>
      `${text.replace('kernel.shmmax', '# ours\nvm.swappiness = 10\nkernel.shmmax')}\nnet.core.somaxconn = 99\n`;
    const before = await conf();
    await change({ udp_timeout: 45, icmp_timeout: 12 }, {}, true);
    await app.tree.write(CONF, theirs(await conf()));
    await rollBack(1);
    expect(await conf()).toBe(theirs(before));
  });

  it('name a changed line of ours as a risk, which has to be acknowledged', async () => {
    await change({ udp_timeout: 45 }, {}, true);
    await app.tree.write(CONF, `${(await conf()).replace('udp_timeout = 45', 'udp_timeout = 46')}\nvm.swappiness = 10\n`);
    await expect(rollBack(1)).rejects.toMatchObject({ code: 'STATE_CHANGED', details: { conflicts: [{ subject: `/${CONF}` }] } });
    const forced = { what: 'change', id: 1, force: true, reason: null } as const;
    await expect(app.rollBack.run(CALLER, forced)).rejects.toMatchObject({
      code: 'RISK_UNACKNOWLEDGED',
      details: { plan: { risks: [{ code: 'BOOT_FILE_EDITED', message: expect.stringContaining('udp_timeout = 46') as string }] } },
    });
    await rollBack(1, true);
    expect(await conf()).not.toContain('udp_timeout');
    expect(await conf()).toContain('vm.swappiness = 10');
  });

  it('keep a hashsize that others put beside ours, and name it', async () => {
    await change({ max: 131_072, buckets: 16_384 }, {}, true);
    await app.tree.write('etc/modprobe.conf', `${await app.tree.read('etc/modprobe.conf')}options ip_conntrack hashsize=4096\n`);
    const plan = await app.rollBack.preview({ what: 'change', id: 1, force: true, reason: null });
    expect(plan.risks).toContainEqual(
      expect.objectContaining({ code: 'BOOT_FILE_EDITED', message: expect.stringContaining('hashsize=4096') as string }),
    );
    expect(plan.files.find(({ path }) => path.endsWith('modprobe.conf'))?.after).toContain('hashsize=4096');
  });
});
