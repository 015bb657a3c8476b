import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLAIN_TERMS, type ChangeTerms } from '../../src/application/change/change-terms.ts';
import { ConntrackError } from '../../src/domain/conntrack-error.ts';
import { CALLER, openApp, type App } from '../support/app.ts';
import { intent } from '../support/intent.ts';

const MAX = 'proc/sys/net/netfilter/nf_conntrack_max';
const SYSCTL_FILE = '/etc/sysctl.d/99-zz-conntrack-api.conf';
const refused = (): Promise<number> => Promise.reject(new ConntrackError('KERNEL_REFUSED', 'The kernel said no.', { errno: 'EINVAL' }));

/** The recorded tree is at the limit: a larger max needs this acknowledgement. */
const TERMS: ChangeTerms = { ...PLAIN_TERMS, acknowledge: ['CHAIN_LENGTH'] };

let app: App;
beforeEach(async () => {
  app = await openApp();
});
afterEach(() => app.close());

const change = (settings: Record<string, number>, persist = false): ReturnType<App['change']['run']> =>
  app.change.run(CALLER, { settings, persist, reason: 'a test' }, TERMS);
const rollBack = (id: number, force = false): ReturnType<App['rollBack']['run']> =>
  app.rollBack.run(CALLER, { what: 'change', id, force, reason: null }, TERMS);
const live = async (name: string): Promise<number> => Number(await app.tree.read(`proc/sys/net/netfilter/nf_conntrack_${name}`));

describe('a change', () => {
  it('is durable as an intent before the kernel is touched', async () => {
    const seen: unknown[] = [];
    app.kernel.tamper = (name, _value, write) => {
      seen.push(app.journal.pending().map((open) => ({ name, settings: open.settings })));
      return write();
    };
    await change({ max: 131_072 });
    expect(seen).toEqual([[{ name: 'max', settings: [{ name: 'max', before: 65_536, requested: 131_072 }] }]]);
    expect(app.journal.pending()).toEqual([]);
  });

  it('records who, why, before, requested and after', async () => {
    const closed = await change({ max: 131_072 });
    expect(closed).toMatchObject({ id: 1, outcome: 'applied', actor: CALLER.actor, reason: 'a test', requestId: 'req-1' });
    expect(closed.observed.settings).toEqual({ max: 131_072 });
    expect(app.journal.get(1)).toEqual(closed);
    expect(await live('max')).toBe(131_072);
  });

  it('ends as adjusted when the kernel rounds buckets up', async () => {
    app.kernel.tamper = (name, value, write) => (name === 'buckets' ? writeRounded(value) : write());
    const writeRounded = async (value: number): Promise<number> => {
      const rounded = Math.ceil(value / 512) * 512;
      await app.tree.write('sys/module/nf_conntrack/parameters/hashsize', `${rounded}\n`);
      return rounded;
    };
    const closed = await change({ buckets: 1_000 });
    expect(closed.outcome).toBe('adjusted');
    expect(closed.observed.settings).toEqual({ buckets: 1_024 });
  });

  it('leaves no trace when a setting is unknown, out of range or not readable', async () => {
    await expect(change({ max: 131_072, nonsense: 1 })).rejects.toMatchObject({ code: 'SETTING_UNKNOWN' });
    await expect(change({ max: 0 })).rejects.toMatchObject({ code: 'VALUE_OUT_OF_RANGE' });
    await app.tree.write('proc/sys/net/netfilter/nf_conntrack_acct', 'garbage\n');
    await expect(change({ acct: 1 })).rejects.toMatchObject({ code: 'KERNEL_UNREADABLE' });
    expect(app.journal.list({}, 10)).toEqual([]);
    expect(await live('max')).toBe(65_536);
  });

  it('does not write a value that is already live: resizing to the same size would stop traffic needlessly', async () => {
    const writes: string[] = [];
    app.kernel.tamper = (name, _value, write) => {
      writes.push(name);
      return write();
    };
    expect((await change({ max: 65_536 })).outcome).toBe('applied');
    expect(writes).toEqual([]);
  });

  it('restores the first setting and closes as failed when the second is refused', async () => {
    app.kernel.tamper = (name, _value, write) => (name === 'tcp_timeout_established' ? refused() : write());
    const closed = await change({ acct: 1, tcp_timeout_established: 7_440 });
    expect(closed).toMatchObject({ outcome: 'failed', failure: { code: 'KERNEL_REFUSED', errno: 'EINVAL' } });
    expect(closed.observed.settings).toEqual({ acct: 0, tcp_timeout_established: 432_000 });
    expect(await live('acct')).toBe(0);
  });

  it('closes as restore-failed with both errors when restoring is refused too', async () => {
    let writes = 0;
    app.kernel.tamper = (_name, _value, write) => (++writes === 1 ? write() : refused());
    const closed = await change({ acct: 1, tcp_timeout_established: 7_440 });
    expect(closed).toMatchObject({ outcome: 'restore-failed', failure: { errno: 'EINVAL' }, restoreFailure: { errno: 'EINVAL' } });
    expect(closed.observed.settings).toEqual({ acct: 1, tcp_timeout_established: 432_000 });
  });

  it('closes as not-effective when a write reports success but has no effect', async () => {
    app.kernel.tamper = () => Promise.resolve(65_536);
    expect(await change({ max: 131_072 })).toMatchObject({ outcome: 'not-effective', failure: { code: 'WRITE_NOT_EFFECTIVE' } });
  });

  it('restores the kernel settings when the boot files cannot be written', async () => {
    app.kernel.tamper = async (_name, _value, write) => {
      await app.tree.write(SYSCTL_FILE.slice(1), '# another writer was faster\n');
      return write();
    };
    expect(await change({ max: 131_072 }, true)).toMatchObject({ outcome: 'failed', failure: { code: 'BOOT_FILE_CHANGED' } });
    expect(await live('max')).toBe(65_536);
    expect(await app.tree.read(SYSCTL_FILE.slice(1))).toBe('# another writer was faster\n');
  });

  it('refuses an unmanaged file with the name of a managed one before anything is written', async () => {
    await app.tree.write(SYSCTL_FILE.slice(1), '# mine\n');
    await expect(change({ max: 131_072 }, true)).rejects.toMatchObject({ code: 'BOOT_FILE_NOT_MANAGED' });
    expect(app.journal.list({}, 10)).toEqual([]);
  });

  it('refuses changes while an outcome is unrecorded, then records it without intervention', async () => {
    const close = app.journal.close.bind(app.journal);
    app.journal.close = () => {
      throw new ConntrackError('JOURNAL_UNAVAILABLE', 'disk full');
    };
    await app.readiness.recent();
    await expect(change({ max: 131_072 })).rejects.toMatchObject({ code: 'OUTCOME_UNRECORDED', details: { changeId: 1 } });
    await expect(app.readiness.recent()).rejects.toMatchObject({ code: 'OUTCOME_UNRECORDED' });
    expect(await live('max')).toBe(131_072);
    await expect(change({ max: 200_000 })).rejects.toMatchObject({ code: 'OUTCOME_UNRECORDED' });
    expect(await live('max')).toBe(131_072);
    await expect(app.drift.run()).rejects.toMatchObject({ code: 'OUTCOME_UNRECORDED' });
    app.journal.close = close;
    await app.drift.run();
    expect((await change({ max: 200_000 })).id).toBe(2);
    expect(app.journal.get(1).outcome).toBe('applied');
  });

  it('runs one at a time: each reads the values that the previous one set', async () => {
    const closed = await Promise.all([70_000, 80_000, 90_000].map((max) => change({ max })));
    expect(closed.map(({ settings }) => settings[0]?.before)).toEqual([65_536, 70_000, 80_000]);
  });

  it('persists max and buckets together, and their live values when no setting is named', async () => {
    const closed = await change({}, true);
    expect(closed.files.map(({ path, before }) => ({ path, before }))).toEqual([
      { path: '/etc/modules-load.d/conntrack-api.conf', before: null },
      { path: SYSCTL_FILE, before: null },
      { path: '/etc/modprobe.d/conntrack-api.conf', before: null },
    ]);
    const text = await app.tree.read(SYSCTL_FILE.slice(1));
    expect(text).toMatch(/nf_conntrack_buckets = 16384\n.*nf_conntrack_max = 65536\n/s);
  });
});

describe('a rollback', () => {
  it('restores values and files, and can itself be rolled back', async () => {
    const first = await change({ max: 131_072, buckets: 32_768 }, true);
    const back = await rollBack(first.id);
    expect(back).toMatchObject({ kind: 'rollback', rollbackOf: 1, outcome: 'applied' });
    expect(await live('max')).toBe(65_536);
    await expect(app.tree.read(SYSCTL_FILE.slice(1))).rejects.toMatchObject({ code: 'ENOENT' });
    await rollBack(back.id);
    expect(await live('max')).toBe(131_072);
    expect(await app.tree.read(SYSCTL_FILE.slice(1))).toContain('nf_conntrack_max = 131072');
  });

  it('names the later change, and overwrites it only when forced', async () => {
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

  it('reports a writer outside the service when no recorded change altered the value', async () => {
    await change({ max: 100_000 });
    await app.tree.write(MAX, '5\n');
    await expect(rollBack(1)).rejects.toSatisfy(
      (error) => error instanceof ConntrackError && error.details.conflicts?.[0]?.changedBy === undefined && /outside/.test(error.message),
    );
  });

  it('refuses a change that failed, and one that does not exist', async () => {
    app.kernel.tamper = refused;
    await change({ max: 100_000 });
    await expect(rollBack(1)).rejects.toMatchObject({ code: 'NOTHING_TO_ROLL_BACK' });
    await expect(rollBack(99)).rejects.toMatchObject({ code: 'CHANGE_NOT_FOUND' });
  });

  it('restores a max of 0 (unlimited), which no change may request, once that is acknowledged', async () => {
    await app.tree.write(MAX, '0\n');
    await change({ max: 100_000 });
    await expect(rollBack(1)).rejects.toMatchObject({ code: 'RISK_UNACKNOWLEDGED' });
    await app.rollBack.run(CALLER, { what: 'change', id: 1, force: false, reason: null }, { ...TERMS, acknowledge: ['MAX_UNLIMITED'] });
    expect(await live('max')).toBe(0);
  });
});

describe('recovery', () => {
  const open = (requested: number): number =>
    app.journal.open(intent({ requestId: 'dead', settings: [{ name: 'max', before: 65_536, requested }] }));

  it('settles a change that a killed process left open, before the next change', async () => {
    open(131_072);
    await change({ acct: 1 });
    expect(app.journal.get(1)).toMatchObject({ outcome: 'recovered-unchanged', observed: { settings: { max: 65_536 } } });
  });

  it.each([
    ['131072', 'recovered-applied'],
    ['7', 'diverged'],
  ])('with %s in the kernel closes it as %s', async (value, outcome) => {
    open(131_072);
    await app.tree.write(MAX, `${value}\n`);
    await app.recover.run();
    expect(app.journal.get(1).outcome).toBe(outcome);
  });

  it('leaves the change open while conntrack is not loaded, and settles it when it is', async () => {
    const id = open(131_072);
    const conntrack = ['proc/sys/net/netfilter', 'proc/net/nf_conntrack', 'proc/net/stat/nf_conntrack', 'sys/module/nf_conntrack'];
    const moved = async (from: string, to: string): Promise<void> => {
      for (const path of conntrack) await rename(join(app.tree.root, `${path}${from}`), join(app.tree.root, `${path}${to}`));
    };
    await moved('', '-gone');
    await expect(app.recover.run()).rejects.toMatchObject({ code: 'CONNTRACK_NOT_LOADED' });
    expect(app.journal.get(id).outcome).toBe('pending');
    await moved('-gone', '');
    await app.recover.run();
    expect(app.journal.get(id).outcome).toBe('recovered-unchanged');
  });
});

describe('the legacy layout', () => {
  it('changes single lines in place and rolls them back byte for byte', async () => {
    await app.close();
    app = await openApp('ip_conntrack');
    const before = [await app.tree.read('etc/sysctl.conf'), await app.tree.read('etc/modprobe.conf')];
    const closed = await change({ max: 131_072, buckets: 16_384 }, true);
    expect(closed).toMatchObject({ outcome: 'applied', observed: { settings: { max: 131_072, buckets: 16_384 } } });
    expect(await app.tree.read('etc/sysctl.conf')).toMatch(/^net\.ipv4\.netfilter\.ip_conntrack_max = 131072$/m);
    expect(await app.tree.read('etc/modprobe.conf')).toMatch(/^options ip_conntrack hashsize=16384$/m);
    await rollBack(closed.id);
    expect([await app.tree.read('etc/sysctl.conf'), await app.tree.read('etc/modprobe.conf')]).toEqual(before);
  });
});
