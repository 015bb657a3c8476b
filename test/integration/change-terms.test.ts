import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLAIN_TERMS, type ChangeTerms } from '../../src/application/change/change-terms.ts';
import { ConntrackError } from '../../src/domain/conntrack-error.ts';
import { CALLER, openDoor, type Door } from '../support/gate.ts';

const COUNT = 'proc/sys/net/netfilter/nf_conntrack_count';
const MAX = 'proc/sys/net/netfilter/nf_conntrack_max';
const SYSCTL_FILE = 'etc/sysctl.d/99-zz-conntrack-api.conf';

let door: Door;
beforeEach(async () => {
  door = await openDoor();
});
afterEach(() => door.close());

const change = (settings: Record<string, number>, terms: Partial<ChangeTerms> = {}, persist = false): ReturnType<Door['change']['run']> =>
  door.change.run(CALLER, { settings, persist, reason: null }, { ...PLAIN_TERMS, acknowledge: ['CHAIN_LENGTH'], ...terms });
const max = async (): Promise<number> => Number(await door.tree.read(MAX));
const newest = (): ReturnType<Door['journal']['get']> | undefined => door.journal.list({}, 1)[0];

describe('a risk', () => {
  beforeEach(() => door.tree.write(COUNT, '60000\n'));

  it('that is not acknowledged stops the change, with the plan, and leaves no trace', async () => {
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

  it('that is acknowledged lets exactly that one pass', async () => {
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

  it('that is refused stays refused', async () => {
    await door.tree.write('proc/meminfo', 'MemTotal: 100000 kB\nMemAvailable: 50000 kB\n');
    await expect(change({ max: 10_000_000 }, { acknowledge: ['MAX_MEMORY', 'CHAIN_LENGTH'] })).rejects.toMatchObject({
      code: 'RISK_REFUSED',
    });
  });

  it('of being overridden at boot names file and line', async () => {
    await door.tree.write('etc/sysctl.d/zz-other.conf', '\nnet.netfilter.nf_conntrack_max = 1\n');
    await expect(change({ max: 131_072, buckets: 131_072 }, {}, true)).rejects.toThrow(/\/etc\/sysctl\.d\/zz-other\.conf, line 2/);
    const acknowledged = await change({ max: 131_072, buckets: 131_072 }, { acknowledge: ['OVERRIDDEN_AT_BOOT'] }, true);
    expect(acknowledged.outcome).toBe('applied');
  });

  it('is shown by a preview, which does nothing', async () => {
    const plan = await door.change.preview({ settings: { max: 131_072 }, persist: true, reason: null });
    expect(plan).toMatchObject({
      atNextBoot: { max: 131_072, buckets: 16_384 },
      risks: [{ code: 'MAX_MEMORY_UNKNOWN' }, { code: 'CHAIN_LENGTH' }],
    });
    expect(plan.files).toHaveLength(3);
    expect([await max(), newest()]).toEqual([65_536, undefined]);
  });
});

describe('an expected state', () => {
  it('is compared with the live one inside the lane: of two that saw the same, one wins', async () => {
    const isExpected: ChangeTerms['isExpected'] = ({ settings }) => settings['max'] === 65_536;
    const both = await Promise.allSettled([change({ max: 70_000 }, { isExpected }), change({ max: 80_000 }, { isExpected })]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(both[1]).toMatchObject({ reason: { code: 'PRECONDITION_FAILED' } });
    expect(await max()).toBe(70_000);
  });

  it('has the bytes of our boot files in it', async () => {
    const states: unknown[] = [];
    const isExpected: ChangeTerms['isExpected'] = ({ files }) => states.push(files[`/${SYSCTL_FILE}`]) > 0;
    await change({}, { isExpected }, true);
    await change({ acct: 1 }, { isExpected });
    expect(states).toEqual([null, expect.stringContaining('nf_conntrack_max')]);
  });
});

describe('an idempotency key', () => {
  const idempotency = { key: 'k', fingerprint: 'f' };

  it('makes a request happen once; a repetition answers with the change of the first', async () => {
    const first = await change({ max: 70_000 }, { idempotency });
    await door.tree.write(MAX, '5\n');
    expect(await change({ max: 70_000 }, { idempotency })).toEqual(first);
    expect(await max()).toBe(5);
    expect(newest()?.id).toBe(1);
  });

  it('answers a repetition also where the state has moved away from the one expected', async () => {
    const terms: Partial<ChangeTerms> = { idempotency, isExpected: ({ settings }) => settings['max'] === 65_536 };
    await change({ max: 70_000 }, terms);
    expect((await change({ max: 70_000 }, terms)).id).toBe(1);
  });

  it('is refused with another request, and while the first is in flight', async () => {
    const both = await Promise.allSettled([change({ max: 70_000 }, { idempotency }), change({ max: 70_000 }, { idempotency })]);
    expect(both[1]).toMatchObject({ status: 'rejected', reason: { code: 'IDEMPOTENCY_IN_FLIGHT' } });
    await expect(change({ max: 80_000 }, { idempotency: { key: 'k', fingerprint: 'g' } })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
      details: { changeId: 1 },
    });
  });

  it('of a request that was refused may be used again', async () => {
    await expect(change({ nonsense: 1 }, { idempotency })).rejects.toMatchObject({ code: 'SETTING_UNKNOWN' });
    expect((await change({ max: 70_000 }, { idempotency })).outcome).toBe('applied');
  });
});

describe('a confirmation window', () => {
  const window = { confirmWithinSeconds: 60 };
  const later = async (seconds: number): Promise<void> => {
    door.clock.sinceBoot += seconds * 1000;
    await door.revert.run();
  };

  it('reverts when nobody confirms in time, and not a moment sooner', async () => {
    await change({ max: 131_072 }, window);
    await later(59.9);
    expect(await max()).toBe(131_072);
    await later(0.1);
    expect(await max()).toBe(65_536);
    expect(newest()).toMatchObject({ kind: 'auto-revert', rollbackOf: 1, outcome: 'applied', actor: { name: 'conntrack-api' } });
    await later(600);
    expect(newest()?.id).toBe(2);
  });

  it('keeps the change once it is confirmed, and writes the boot files only then', async () => {
    await change({ max: 131_072 }, window, true);
    await expect(door.tree.read(SYSCTL_FILE)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await door.confirm.run(CALLER, 1, null)).toMatchObject({ kind: 'confirmation', relatesTo: 1, outcome: 'applied' });
    expect(await door.tree.read(SYSCTL_FILE)).toContain('nf_conntrack_max = 131072');
    await later(600);
    expect(await max()).toBe(131_072);
    await expect(door.confirm.run(CALLER, 1, null)).rejects.toMatchObject({ code: 'NOT_AWAITING_CONFIRMATION' });
  });

  it('can no longer be confirmed when its time is over, even before it is reverted', async () => {
    await change({ max: 131_072 }, window);
    door.clock.sinceBoot += 60_000;
    await expect(door.confirm.run(CALLER, 1, null)).rejects.toMatchObject({ code: 'NOT_AWAITING_CONFIRMATION' });
  });

  it('wants the scope for boot files from whoever confirms them', async () => {
    await change({ max: 131_072 }, window, true);
    await expect(door.confirm.run({ ...CALLER, scopes: ['settings:write'] }, 1, null)).rejects.toMatchObject({
      code: 'INSUFFICIENT_SCOPE',
    });
  });

  it('starts anew when the same change is asked for again', async () => {
    await change({ max: 131_072 }, window);
    await later(50);
    expect(await change({ max: 131_072 }, window)).toMatchObject({ kind: 'window-extended', relatesTo: 1 });
    await later(50);
    expect(await max()).toBe(131_072);
    await later(10);
    expect(await max()).toBe(65_536);
  });

  it('leaves alone what somebody else has moved meanwhile, and says diverged', async () => {
    await change({ max: 131_072, acct: 1 }, window);
    await door.tree.write(MAX, '99999\n');
    await later(60);
    expect(newest()).toMatchObject({ kind: 'auto-revert', outcome: 'diverged', settings: [{ name: 'acct' }] });
    expect(await max()).toBe(99_999);
  });

  it('has nothing to revert after a reboot', async () => {
    await change({ max: 131_072 }, window);
    await door.tree.write('proc/sys/kernel/random/boot_id', '11111111-2222-3333-4444-555555555555\n');
    door.clock.sinceBoot = 10;
    await door.revert.run();
    expect(newest()).toMatchObject({
      kind: 'auto-revert',
      outcome: 'applied',
      settings: [],
      reason: expect.stringContaining('rebooted') as string,
    });
    expect(await max()).toBe(131_072);
  });

  it('ends with a rollback of the change', async () => {
    await change({ max: 131_072 }, window);
    await door.rollBack.run(CALLER, { what: 'change', id: 1, force: false, reason: null });
    await later(60);
    expect(newest()).toMatchObject({ kind: 'rollback' });
  });

  it('waits a minute before it tries again when the kernel refuses the revert', async () => {
    await change({ max: 131_072 }, window);
    door.kernel.tamper = () => Promise.reject(new ConntrackError('KERNEL_REFUSED', 'no'));
    await later(60);
    await later(59);
    expect(newest()).toMatchObject({ id: 2, outcome: 'failed' });
    door.kernel.tamper = (_name, _value, write) => write();
    await later(1);
    expect(newest()).toMatchObject({ id: 3, outcome: 'applied' });
    expect(await max()).toBe(65_536);
  });
});

describe('a rollback to a point in time', () => {
  const backTo = (id: number, force = false): ReturnType<Door['rollBack']['run']> =>
    door.rollBack.run(CALLER, { what: 'to', id, force, reason: null }, { ...PLAIN_TERMS, acknowledge: ['CHAIN_LENGTH'] });

  it('undoes all that came after, as one change', async () => {
    await change({ max: 70_000 });
    await change({ max: 80_000, acct: 1 }, {}, true);
    await change({ max: 90_000 }, {}, true);
    expect(await backTo(1)).toMatchObject({ kind: 'rollback-to', relatesTo: 1, outcome: 'applied' });
    expect([await max(), await door.tree.read('proc/sys/net/netfilter/nf_conntrack_acct')]).toEqual([70_000, '0\n']);
    await expect(door.tree.read(SYSCTL_FILE)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('names what an outsider has moved', async () => {
    await change({ max: 70_000 });
    await change({ max: 80_000 });
    await door.tree.write(MAX, '5\n');
    await expect(backTo(1)).rejects.toMatchObject({
      code: 'STATE_CHANGED',
      details: { conflicts: [{ subject: 'max', expected: '80000', found: '5' }] },
    });
    await backTo(1, true);
    expect(await max()).toBe(70_000);
  });

  it('has nothing to do where everything came back by itself', async () => {
    await change({ max: 70_000 });
    await change({ max: 80_000 });
    await change({ max: 70_000 });
    await expect(backTo(1)).rejects.toMatchObject({ code: 'NOTHING_TO_ROLL_BACK' });
  });
});

describe('drift', () => {
  it('is recorded as an external change, with evidence, and shown beside the setting; never fought', async () => {
    await change({ max: 70_000 });
    await door.drift.run();
    expect(newest()?.id).toBe(1);
    await door.tree.write(MAX, '131072\n');
    await door.tree.write('etc/sysctl.d/10-site.conf', 'net.netfilter.nf_conntrack_max = 131072\n');
    await mkdir(join(door.tree.root, 'proc/4711'));
    await door.tree.write('proc/4711/comm', 'kube-proxy\n');
    await door.drift.run();
    expect(newest()).toMatchObject({
      kind: 'drift',
      outcome: 'recovered-applied',
      settings: [{ name: 'max', before: 70_000, requested: 131_072 }],
    });
    const { drift } = await door.settings.one('max');
    expect(drift).toMatchObject({ from: 70_000, changeId: 2 });
    expect(drift?.evidence).toMatch(/10-site\.conf, line 1.*kube-proxy is running.*kube-proxy sets by default/);
    await door.drift.run();
    expect(newest()?.id).toBe(2);
    expect(await max()).toBe(131_072);
  });

  it('is seen also where nothing was recorded before, from the first look on', async () => {
    await door.drift.run();
    await door.tree.write(MAX, '5\n');
    await door.drift.run();
    expect(newest()).toMatchObject({ kind: 'drift', settings: [{ before: 65_536, requested: 5 }] });
  });

  it('is over once a change of ours sets the value', async () => {
    await door.drift.run();
    await door.tree.write(MAX, '70000\n');
    await door.drift.run();
    await change({ max: 80_000 });
    expect(await door.settings.one('max')).not.toHaveProperty('drift');
  });

  it('says that a reboot explains it', async () => {
    await change({ max: 70_000 });
    await door.tree.write(MAX, '65536\n');
    await door.tree.write('proc/sys/kernel/random/boot_id', '11111111-2222-3333-4444-555555555555\n');
    await door.drift.run();
    expect(newest()?.reason).toContain('the host was rebooted');
  });
});
