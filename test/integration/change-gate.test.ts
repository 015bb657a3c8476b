import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLAIN_TERMS, type ChangeTerms } from '../../src/application/change/change-terms.ts';
import { ConntrackError } from '../../src/domain/conntrack-error.ts';
import { CALLER, openDoor, type Door } from '../support/gate.ts';
import { intent } from '../support/intent.ts';

const MAX = 'proc/sys/net/netfilter/nf_conntrack_max';
const SYSCTL_FILE = '/etc/sysctl.d/99-zz-conntrack-api.conf';
const refused = (): Promise<number> => Promise.reject(new ConntrackError('KERNEL_REFUSED', 'The kernel said no.', { errno: 'EINVAL' }));

/** The recorded tree is at the limit of what passes unacknowledged. */
const TERMS: ChangeTerms = { ...PLAIN_TERMS, acknowledge: ['CHAIN_LENGTH'] };

let door: Door;
beforeEach(async () => {
  door = await openDoor();
});
afterEach(() => door.close());

const change = (settings: Record<string, number>, persist = false): ReturnType<Door['change']['run']> =>
  door.change.run(CALLER, { settings, persist, reason: 'a test' }, TERMS);
const rollBack = (id: number, force = false): ReturnType<Door['rollBack']['run']> =>
  door.rollBack.run(CALLER, { what: 'change', id, force, reason: null }, TERMS);
const live = async (name: string): Promise<number> => Number(await door.tree.read(`proc/sys/net/netfilter/nf_conntrack_${name}`));

describe('a change', () => {
  it('is durable as an intent before the kernel is touched', async () => {
    const seen: unknown[] = [];
    door.kernel.tamper = (name, _value, write) => {
      seen.push(door.journal.pending().map((open) => ({ name, settings: open.settings })));
      return write();
    };
    await change({ max: 131_072 });
    expect(seen).toEqual([[{ name: 'max', settings: [{ name: 'max', before: 65_536, requested: 131_072 }] }]]);
    expect(door.journal.pending()).toEqual([]);
  });

  it('records who, why, before, requested and after', async () => {
    const closed = await change({ max: 131_072 });
    expect(closed).toMatchObject({ id: 1, outcome: 'applied', actor: CALLER.actor, reason: 'a test', requestId: 'req-1' });
    expect(closed.observed.settings).toEqual({ max: 131_072 });
    expect(door.journal.get(1)).toEqual(closed);
    expect(await live('max')).toBe(131_072);
  });

  it('says adjusted when the kernel rounds buckets up', async () => {
    door.kernel.tamper = (name, value, write) => (name === 'buckets' ? writeRounded(value) : write());
    const writeRounded = async (value: number): Promise<number> => {
      const rounded = Math.ceil(value / 512) * 512;
      await door.tree.write('sys/module/nf_conntrack/parameters/hashsize', `${rounded}\n`);
      return rounded;
    };
    const closed = await change({ buckets: 1_000 });
    expect(closed.outcome).toBe('adjusted');
    expect(closed.observed.settings).toEqual({ buckets: 1_024 });
  });

  it('leaves no trace when the setting is unknown, out of range or not readable', async () => {
    await expect(change({ max: 131_072, nonsense: 1 })).rejects.toMatchObject({ code: 'SETTING_UNKNOWN' });
    await expect(change({ max: 0 })).rejects.toMatchObject({ code: 'VALUE_OUT_OF_RANGE' });
    await door.tree.write('proc/sys/net/netfilter/nf_conntrack_acct', 'garbage\n');
    await expect(change({ acct: 1 })).rejects.toMatchObject({ code: 'KERNEL_UNREADABLE' });
    expect(door.journal.list({}, 10)).toEqual([]);
    expect(await live('max')).toBe(65_536);
  });

  it('does not write a value that is live already: a resize to the same size would stop traffic for nothing', async () => {
    const writes: string[] = [];
    door.kernel.tamper = (name, _value, write) => {
      writes.push(name);
      return write();
    };
    expect((await change({ max: 65_536 })).outcome).toBe('applied');
    expect(writes).toEqual([]);
  });

  it('puts the first setting back and closes as failed when the second is refused', async () => {
    door.kernel.tamper = (name, _value, write) => (name === 'tcp_timeout_established' ? refused() : write());
    const closed = await change({ acct: 1, tcp_timeout_established: 7_440 });
    expect(closed).toMatchObject({ outcome: 'failed', failure: { code: 'KERNEL_REFUSED', errno: 'EINVAL' } });
    expect(closed.observed.settings).toEqual({ acct: 0, tcp_timeout_established: 432_000 });
    expect(await live('acct')).toBe(0);
  });

  it('closes as restore-failed with both errors when undoing is refused too', async () => {
    let writes = 0;
    door.kernel.tamper = (_name, _value, write) => (++writes === 1 ? write() : refused());
    const closed = await change({ acct: 1, tcp_timeout_established: 7_440 });
    expect(closed).toMatchObject({ outcome: 'restore-failed', failure: { errno: 'EINVAL' }, restoreFailure: { errno: 'EINVAL' } });
    expect(closed.observed.settings).toEqual({ acct: 1, tcp_timeout_established: 432_000 });
  });

  it('closes as not-effective when a write claims success and did nothing', async () => {
    door.kernel.tamper = () => Promise.resolve(65_536);
    expect(await change({ max: 131_072 })).toMatchObject({ outcome: 'not-effective', failure: { code: 'WRITE_NOT_EFFECTIVE' } });
  });

  it('undoes the kernel when the boot files cannot be written', async () => {
    door.kernel.tamper = async (_name, _value, write) => {
      await door.tree.write(SYSCTL_FILE.slice(1), '# somebody was faster\n');
      return write();
    };
    expect(await change({ max: 131_072 }, true)).toMatchObject({ outcome: 'failed', failure: { code: 'BOOT_FILE_CHANGED' } });
    expect(await live('max')).toBe(65_536);
    expect(await door.tree.read(SYSCTL_FILE.slice(1))).toBe('# somebody was faster\n');
  });

  it('refuses a foreign file of our name before anything has happened', async () => {
    await door.tree.write(SYSCTL_FILE.slice(1), '# mine\n');
    await expect(change({ max: 131_072 }, true)).rejects.toMatchObject({ code: 'BOOT_FILE_NOT_MANAGED' });
    expect(door.journal.list({}, 10)).toEqual([]);
  });

  it('keeps refusing changes while an outcome is unrecorded, then records it by itself', async () => {
    const close = door.journal.close.bind(door.journal);
    door.journal.close = () => {
      throw new ConntrackError('JOURNAL_UNAVAILABLE', 'disk full');
    };
    await expect(change({ max: 131_072 })).rejects.toMatchObject({ code: 'OUTCOME_UNRECORDED', details: { changeId: 1 } });
    expect(await live('max')).toBe(131_072);
    await expect(change({ max: 200_000 })).rejects.toMatchObject({ code: 'OUTCOME_UNRECORDED' });
    expect(await live('max')).toBe(131_072);
    door.journal.close = close;
    expect((await change({ max: 200_000 })).id).toBe(2);
    expect(door.journal.get(1).outcome).toBe('applied');
  });

  it('runs one at a time: each sees what the one before left', async () => {
    const closed = await Promise.all([70_000, 80_000, 90_000].map((max) => change({ max })));
    expect(closed.map(({ settings }) => settings[0]?.before)).toEqual([65_536, 70_000, 80_000]);
  });

  it('persists max and buckets together, and what is live when nothing is named', async () => {
    const closed = await change({}, true);
    expect(closed.files.map(({ path, before }) => ({ path, before }))).toEqual([
      { path: '/etc/modules-load.d/conntrack-api.conf', before: null },
      { path: SYSCTL_FILE, before: null },
      { path: '/etc/modprobe.d/conntrack-api.conf', before: null },
    ]);
    const text = await door.tree.read(SYSCTL_FILE.slice(1));
    expect(text).toMatch(/nf_conntrack_buckets = 16384\n.*nf_conntrack_max = 65536\n/s);
  });
});

describe('a rollback', () => {
  it('restores values and files, and can itself be rolled back', async () => {
    const first = await change({ max: 131_072, buckets: 32_768 }, true);
    const back = await rollBack(first.id);
    expect(back).toMatchObject({ kind: 'rollback', rollbackOf: 1, outcome: 'applied' });
    expect(await live('max')).toBe(65_536);
    await expect(door.tree.read(SYSCTL_FILE.slice(1))).rejects.toMatchObject({ code: 'ENOENT' });
    await rollBack(back.id);
    expect(await live('max')).toBe(131_072);
    expect(await door.tree.read(SYSCTL_FILE.slice(1))).toContain('nf_conntrack_max = 131072');
  });

  it('names the later change in the way, and overwrites it only when forced', async () => {
    await change({ max: 100_000 });
    await change({ max: 200_000 });
    await expect(rollBack(1)).rejects.toMatchObject({
      code: 'STATE_CHANGED',
      details: { conflicts: [{ subject: 'max', expected: '100000', found: '200000', changedBy: 2 }] },
    });
    expect(await live('max')).toBe(200_000);
    expect((await rollBack(1, true)).outcome).toBe('applied');
    expect(await live('max')).toBe(65_536);
  });

  it('says that an outsider moved the value when no change did', async () => {
    await change({ max: 100_000 });
    await door.tree.write(MAX, '5\n');
    await expect(rollBack(1)).rejects.toSatisfy(
      (error) => error instanceof ConntrackError && error.details.conflicts?.[0]?.changedBy === undefined && /outside/.test(error.message),
    );
  });

  it('has nothing to do for a change that failed, and does not know one that never was', async () => {
    door.kernel.tamper = refused;
    await change({ max: 100_000 });
    await expect(rollBack(1)).rejects.toMatchObject({ code: 'NOTHING_TO_ROLL_BACK' });
    await expect(rollBack(99)).rejects.toMatchObject({ code: 'CHANGE_NOT_FOUND' });
  });

  it('restores a max of 0 (unlimited), which no change may ask for, once that is acknowledged', async () => {
    await door.tree.write(MAX, '0\n');
    await change({ max: 100_000 });
    await expect(rollBack(1)).rejects.toMatchObject({ code: 'RISK_UNACKNOWLEDGED' });
    await door.rollBack.run(CALLER, { what: 'change', id: 1, force: false, reason: null }, { ...TERMS, acknowledge: ['MAX_UNLIMITED'] });
    expect(await live('max')).toBe(0);
  });
});

describe('recovery', () => {
  const open = (requested: number): number =>
    door.journal.open(intent({ requestId: 'dead', settings: [{ name: 'max', before: 65_536, requested }] }));

  it('settles what a dead process left open by looking, before the next change', async () => {
    open(131_072);
    await change({ acct: 1 });
    expect(door.journal.get(1)).toMatchObject({ outcome: 'recovered-unchanged', observed: { settings: { max: 65_536 } } });
  });

  it.each([
    ['131072', 'recovered-applied'],
    ['7', 'diverged'],
  ])('with %s in the kernel it says %s', async (value, outcome) => {
    open(131_072);
    await door.tree.write(MAX, `${value}\n`);
    await door.recover.run();
    expect(door.journal.get(1).outcome).toBe(outcome);
  });

  it('leaves the change open while there is no conntrack to look at, and settles it when there is', async () => {
    const id = open(131_072);
    const [there, gone] = ['netfilter', 'gone'].map((name) => join(door.tree.root, 'proc/sys/net', name)) as [string, string];
    await rename(there, gone);
    await expect(door.recover.run()).rejects.toMatchObject({ code: 'CONNTRACK_NOT_LOADED' });
    expect(door.journal.get(id).outcome).toBe('pending');
    await rename(gone, there);
    await door.recover.run();
    expect(door.journal.get(id).outcome).toBe('recovered-unchanged');
  });
});

describe('the legacy layout', () => {
  it('changes single lines in place and rolls them back byte for byte', async () => {
    await door.close();
    door = await openDoor('ip_conntrack');
    const before = [await door.tree.read('etc/sysctl.conf'), await door.tree.read('etc/modprobe.conf')];
    const closed = await change({ max: 131_072, buckets: 16_384 }, true);
    expect(closed).toMatchObject({ outcome: 'applied', observed: { settings: { max: 131_072, buckets: 16_384 } } });
    expect(await door.tree.read('etc/sysctl.conf')).toMatch(/^net\.ipv4\.netfilter\.ip_conntrack_max = 131072$/m);
    expect(await door.tree.read('etc/modprobe.conf')).toMatch(/^options ip_conntrack hashsize=16384$/m);
    await rollBack(closed.id);
    expect([await door.tree.read('etc/sysctl.conf'), await door.tree.read('etc/modprobe.conf')]).toEqual(before);
  });
});
