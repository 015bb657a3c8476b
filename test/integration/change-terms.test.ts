import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLAIN_TERMS, type ChangeTerms } from '../../src/application/change/change-terms.ts';
import { ConntrackError } from '../../src/domain/conntrack-error.ts';
import { CALLER, openApp, type App } from '../support/app.ts';

const COUNT = 'proc/sys/net/netfilter/nf_conntrack_count';
const MAX = 'proc/sys/net/netfilter/nf_conntrack_max';
const SYSCTL_FILE = 'etc/sysctl.d/99-zz-conntrack-api.conf';

let app: App;
beforeEach(async () => {
  app = await openApp();
});
afterEach(() => app.close());

const change = (settings: Record<string, number>, terms: Partial<ChangeTerms> = {}, persist = false): ReturnType<App['change']['run']> =>
  app.change.run(CALLER, { settings, persist, reason: null }, { ...PLAIN_TERMS, acknowledge: ['CHAIN_LENGTH'], ...terms });
const max = async (): Promise<number> => Number(await app.tree.read(MAX));
const newest = (): ReturnType<App['journal']['get']> | undefined => app.journal.list({}, 1)[0];

describe('a risk', () => {
  beforeEach(() => app.tree.write(COUNT, '60000\n'));

  it('that is not acknowledged stops the change, returns the plan, and leaves no trace', async () => {
    await expect(change({ max: 50_000 }, { confirmWithinSeconds: 60 })).rejects.toMatchObject({
      code: 'RISK_UNACKNOWLEDGED',
      details: {
        plan: {
          steps: [{ name: 'max', before: 65_536, requested: 50_000 }],
          risks: [{ code: 'MAX_BELOW_COUNT' }, { code: 'CHAIN_LENGTH', level: 'warning' }],
        },
      },
    });
    expect([await max(), newest()]).toEqual([65_536, undefined]);
  });

  it('that is acknowledged is accepted, and no other risk is', async () => {
    const acknowledge = ['MAX_BELOW_COUNT'] as const;
    await expect(change({ max: 50_000, tcp_timeout_established: 30 }, { acknowledge, confirmWithinSeconds: 60 })).rejects.toMatchObject({
      code: 'RISK_UNACKNOWLEDGED',
      details: { remedy: expect.stringContaining('["TIMEOUT_BELOW_RFC5382"]') as string },
    });
    expect(await change({ max: 50_000 }, { acknowledge, confirmWithinSeconds: 60 })).toMatchObject({
      outcome: 'applied',
      acknowledged: ['MAX_BELOW_COUNT'],
    });
  });

  it('that is refused cannot be acknowledged', async () => {
    await app.tree.write('proc/meminfo', 'MemTotal: 100000 kB\nMemAvailable: 50000 kB\n');
    await expect(change({ max: 10_000_000 }, { acknowledge: ['MAX_MEMORY', 'CHAIN_LENGTH'] })).rejects.toMatchObject({
      code: 'RISK_REFUSED',
    });
  });

  it('of being overridden at boot names file and line', async () => {
    await app.tree.write('etc/sysctl.d/zz-other.conf', '\nnet.netfilter.nf_conntrack_max = 1\n');
    await expect(change({ max: 131_072, buckets: 131_072 }, {}, true)).rejects.toThrow(/\/etc\/sysctl\.d\/zz-other\.conf, line 2/);
    const acknowledged = await change({ max: 131_072, buckets: 131_072 }, { acknowledge: ['OVERRIDDEN_AT_BOOT'] }, true);
    expect(acknowledged.outcome).toBe('applied');
  });

  it('is shown by a preview, which changes nothing', async () => {
    const plan = await app.change.preview({ settings: { max: 131_072 }, persist: true, reason: null });
    expect(plan).toMatchObject({
      atNextBoot: { max: 131_072, buckets: 16_384 },
      risks: [{ code: 'MAX_MEMORY_UNKNOWN' }, { code: 'CHAIN_LENGTH' }],
    });
    expect(plan.files).toHaveLength(3);
    expect([await max(), newest()]).toEqual([65_536, undefined]);
  });
});

describe('an expected state', () => {
  it('is compared with the live state under the write lock: of two changes with the same state, one succeeds', async () => {
    const isExpected: ChangeTerms['isExpected'] = ({ settings }) => settings['max'] === 65_536;
    const both = await Promise.allSettled([change({ max: 70_000 }, { isExpected }), change({ max: 80_000 }, { isExpected })]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(both[1]).toMatchObject({ reason: { code: 'PRECONDITION_FAILED' } });
    expect(await max()).toBe(70_000);
  });

  it('includes the content of the boot files', async () => {
    const states: unknown[] = [];
    const isExpected: ChangeTerms['isExpected'] = ({ files }) => states.push(files[`/${SYSCTL_FILE}`]) > 0;
    await change({}, { isExpected }, true);
    await change({ acct: 1 }, { isExpected });
    expect(states).toEqual([null, expect.stringContaining('nf_conntrack_max')]);
  });
});

describe('an idempotency key', () => {
  const idempotency = { key: 'k', fingerprint: 'f' };

  it('executes a request once; a repetition returns the change of the first', async () => {
    const first = await change({ max: 70_000 }, { idempotency });
    await app.tree.write(MAX, '5\n');
    expect(await change({ max: 70_000 }, { idempotency })).toEqual(first);
    expect(await max()).toBe(5);
    expect(newest()?.id).toBe(1);
  });

  it('replays a repetition even if the state no longer is the expected one', async () => {
    const terms: Partial<ChangeTerms> = { idempotency, isExpected: ({ settings }) => settings['max'] === 65_536 };
    await change({ max: 70_000 }, terms);
    expect((await change({ max: 70_000 }, terms)).id).toBe(1);
  });

  it('is refused with another request, and while the first is in progress', async () => {
    const both = await Promise.allSettled([change({ max: 70_000 }, { idempotency }), change({ max: 70_000 }, { idempotency })]);
    expect(both[1]).toMatchObject({ status: 'rejected', reason: { code: 'IDEMPOTENCY_IN_FLIGHT' } });
    await expect(change({ max: 80_000 }, { idempotency: { key: 'k', fingerprint: 'g' } })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
      details: { changeId: 1 },
    });
  });

  it('of a refused request can be used again', async () => {
    await expect(change({ nonsense: 1 }, { idempotency })).rejects.toMatchObject({ code: 'SETTING_UNKNOWN' });
    expect((await change({ max: 70_000 }, { idempotency })).outcome).toBe('applied');
  });
});

describe('a confirmation window', () => {
  const window = { confirmWithinSeconds: 60 };
  const later = async (seconds: number): Promise<void> => {
    app.clock.sinceBoot += seconds * 1000;
    await app.revert.run();
  };

  it('reverts when it ends without a confirmation, and not earlier', async () => {
    await change({ max: 131_072 }, window);
    await later(59.9);
    expect(await max()).toBe(131_072);
    await later(0.1);
    expect(await max()).toBe(65_536);
    expect(newest()).toMatchObject({ kind: 'auto-revert', rollbackOf: 1, outcome: 'applied', actor: { name: 'conntrack-api' } });
    await later(600);
    expect(newest()?.id).toBe(2);
  });

  it('keeps a confirmed change, and writes the boot files at confirmation', async () => {
    await change({ max: 131_072 }, window, true);
    await expect(app.tree.read(SYSCTL_FILE)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await app.confirm.run(CALLER, 1, null)).toMatchObject({ kind: 'confirmation', relatesTo: 1, outcome: 'applied' });
    expect(await app.tree.read(SYSCTL_FILE)).toContain('nf_conntrack_max = 131072');
    await later(600);
    expect(await max()).toBe(131_072);
    await expect(app.confirm.run(CALLER, 1, null)).rejects.toMatchObject({ code: 'NOT_AWAITING_CONFIRMATION' });
  });

  it('cannot be confirmed after its end, even before the revert', async () => {
    await change({ max: 131_072 }, window);
    app.clock.sinceBoot += 60_000;
    await expect(app.confirm.run(CALLER, 1, null)).rejects.toMatchObject({ code: 'NOT_AWAITING_CONFIRMATION' });
  });

  it('requires the scope settings:persist to confirm boot files', async () => {
    await change({ max: 131_072 }, window, true);
    await expect(app.confirm.run({ ...CALLER, scopes: ['settings:write'] }, 1, null)).rejects.toMatchObject({
      code: 'INSUFFICIENT_SCOPE',
    });
  });

  it('is extended when the same change is repeated', async () => {
    await change({ max: 131_072 }, window);
    await later(50);
    expect(await change({ max: 131_072 }, window)).toMatchObject({ kind: 'window-extended', relatesTo: 1 });
    await later(50);
    expect(await max()).toBe(131_072);
    await later(10);
    expect(await max()).toBe(65_536);
  });

  it('leaves a value alone that another writer changed, and ends as diverged', async () => {
    await change({ max: 131_072, acct: 1 }, window);
    await app.tree.write(MAX, '99999\n');
    await later(60);
    expect(newest()).toMatchObject({ kind: 'auto-revert', outcome: 'diverged', settings: [{ name: 'acct' }] });
    expect(await max()).toBe(99_999);
  });

  it('has nothing to revert after a reboot', async () => {
    await change({ max: 131_072 }, window);
    await app.tree.write('proc/sys/kernel/random/boot_id', '11111111-2222-3333-4444-555555555555\n');
    app.clock.sinceBoot = 10;
    await app.revert.run();
    expect(newest()).toMatchObject({
      kind: 'auto-revert',
      outcome: 'applied',
      settings: [],
      reason: expect.stringContaining('rebooted') as string,
    });
    expect(await max()).toBe(131_072);
  });

  it('ends when the change is rolled back', async () => {
    await change({ max: 131_072 }, window);
    await app.rollBack.run(CALLER, { what: 'change', id: 1, force: false, reason: null });
    await later(60);
    expect(newest()).toMatchObject({ kind: 'rollback' });
  });

  it('retries a revert that the kernel refused after 60 s', async () => {
    await change({ max: 131_072 }, window);
    app.kernel.tamper = () => Promise.reject(new ConntrackError('KERNEL_REFUSED', 'no'));
    await later(60);
    await later(59);
    expect(newest()).toMatchObject({ id: 2, outcome: 'failed' });
    app.kernel.tamper = (_name, _value, write) => write();
    await later(1);
    expect(newest()).toMatchObject({ id: 3, outcome: 'applied' });
    expect(await max()).toBe(65_536);
  });
});

describe('a rollback to a point in time', () => {
  const backTo = (id: number, force = false): ReturnType<App['rollBack']['run']> =>
    app.rollBack.run(CALLER, { what: 'to', id, force, reason: null }, { ...PLAIN_TERMS, acknowledge: ['CHAIN_LENGTH'] });

  it('rolls back all later changes as one change', async () => {
    await change({ max: 70_000 });
    await change({ max: 80_000, acct: 1 }, {}, true);
    await change({ max: 90_000 }, {}, true);
    expect(await backTo(1)).toMatchObject({ kind: 'rollback-to', relatesTo: 1, outcome: 'applied' });
    expect([await max(), await app.tree.read('proc/sys/net/netfilter/nf_conntrack_acct')]).toEqual([70_000, '0\n']);
    await expect(app.tree.read(SYSCTL_FILE)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('names a value that another writer changed', async () => {
    await change({ max: 70_000 });
    await change({ max: 80_000 });
    await app.tree.write(MAX, '5\n');
    await expect(backTo(1)).rejects.toMatchObject({
      code: 'STATE_CHANGED',
      details: { conflicts: [{ subject: 'max', expected: '80000', found: '5' }] },
    });
    await backTo(1, true);
    expect(await max()).toBe(70_000);
  });

  it('is refused where later changes already restored every value', async () => {
    await change({ max: 70_000 });
    await change({ max: 80_000 });
    await change({ max: 70_000 });
    await expect(backTo(1)).rejects.toMatchObject({ code: 'NOTHING_TO_ROLL_BACK' });
  });
});

describe('drift', () => {
  it('is recorded as a change with evidence and shown with the setting, but never reverted', async () => {
    await change({ max: 70_000 });
    await app.drift.run();
    expect(newest()?.id).toBe(1);
    await app.tree.write(MAX, '131072\n');
    await app.tree.write('etc/sysctl.d/10-site.conf', 'net.netfilter.nf_conntrack_max = 131072\n');
    await mkdir(join(app.tree.root, 'proc/4711'));
    await app.tree.write('proc/4711/comm', 'kube-proxy\n');
    await app.drift.run();
    expect(newest()).toMatchObject({
      kind: 'drift',
      outcome: 'recovered-applied',
      settings: [{ name: 'max', before: 70_000, requested: 131_072 }],
    });
    const { drift } = await app.settings.one('max');
    expect(drift).toMatchObject({ from: 70_000, changeId: 2 });
    expect(drift?.evidence).toMatch(/10-site\.conf, line 1.*kube-proxy is running.*kube-proxy sets by default/);
    await app.drift.run();
    expect(newest()?.id).toBe(2);
    expect(await max()).toBe(131_072);
  });

  it('is detected from the first observation on, even if no change was recorded before', async () => {
    await app.drift.run();
    await app.tree.write(MAX, '5\n');
    await app.drift.run();
    expect(newest()).toMatchObject({ kind: 'drift', settings: [{ before: 65_536, requested: 5 }] });
  });

  it('ends once a change of this service sets the value', async () => {
    await app.drift.run();
    await app.tree.write(MAX, '70000\n');
    await app.drift.run();
    await change({ max: 80_000 });
    expect(await app.settings.one('max')).not.toHaveProperty('drift');
  });

  it('names a reboot as evidence', async () => {
    await change({ max: 70_000 });
    await app.tree.write(MAX, '65536\n');
    await app.tree.write('proc/sys/kernel/random/boot_id', '11111111-2222-3333-4444-555555555555\n');
    await app.drift.run();
    expect(newest()?.reason).toContain('the host was rebooted');
  });
});
