import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLAIN_TERMS, type ChangeTerms } from '../../src/application/change/change-terms.ts';
import type { RiskCode } from '../../src/domain/risks/risk.ts';
import { CALLER, openDoor, type Door } from '../support/gate.ts';

const SYSCTL_FILE = 'etc/sysctl.d/99-zz-conntrack-api.conf';
const LATER_FILE = 'etc/sysctl.d/zzzz-conntrack-api.conf';
const FOREIGN = 'etc/sysctl.d/99-zzz-site.conf';

let door: Door;
beforeEach(async () => {
  door = await openDoor();
});
afterEach(() => door.close());

const terms = (acknowledge: readonly RiskCode[], rest: Partial<ChangeTerms> = {}): ChangeTerms => ({
  ...PLAIN_TERMS,
  acknowledge: ['CHAIN_LENGTH', ...acknowledge],
  ...rest,
});
const persist = (
  settings: Record<string, number>,
  acknowledge: readonly RiskCode[] = [],
  last = false,
): ReturnType<Door['change']['run']> => door.change.run(CALLER, { settings, persist: true, last, reason: null }, terms(acknowledge));
const fileOf = (path: string): Promise<string | undefined> => door.tree.read(path).catch(() => undefined);

describe('persisting', () => {
  it('names the change in the files it writes', async () => {
    await persist({ udp_timeout: 40 });
    expect(await persist({ udp_timeout: 45 })).toMatchObject({ id: 2, outcome: 'applied' });
    expect(await fileOf(SYSCTL_FILE)).toContain('# Change 2; SHA-256');
  });

  it('tells in the plan what the next boot would then do, with what others ask of it', async () => {
    await door.tree.write(
      'etc/sysctl.d/10-site.conf',
      'net.netfilter.nf_conntrack_icmp_timeout = 12\nnet.netfilter.nf_conntrack_udp_timeout = 9\n',
    );
    const { atNextBoot } = await door.change.preview({ settings: { udp_timeout: 45 }, persist: true, reason: null });
    expect(atNextBoot).toMatchObject({ udp_timeout: 45, icmp_timeout: 12 });
  });

  it('is refused where another line wins, names it, and offers the later name where that helps', async () => {
    await door.tree.write(FOREIGN, '\nnet.netfilter.nf_conntrack_udp_timeout = 9\n');
    await expect(persist({ udp_timeout: 45 })).rejects.toMatchObject({
      code: 'RISK_UNACKNOWLEDGED',
      message: expect.stringMatching(/99-zzz-site\.conf, line 2, .* leaves udp_timeout at 9\. With "persistLast": true/) as string,
    });
    expect(await fileOf(SYSCTL_FILE)).toBeUndefined();
    expect(door.journal.list({}, 1)).toEqual([]);

    expect(await persist({ udp_timeout: 45 }, [], true)).toMatchObject({ outcome: 'applied' });
    expect(await fileOf(LATER_FILE)).toContain('nf_conntrack_udp_timeout = 45');
  });

  it('is refused where somebody’s parameter keeps the module from loading at all', async () => {
    await door.tree.write('etc/modprobe.d/site.conf', 'options nf_conntrack hashsize=64k\n');
    await expect(persist({ udp_timeout: 45 })).rejects.toMatchObject({
      code: 'RISK_UNACKNOWLEDGED',
      message: expect.stringMatching(/does not load at the next boot.*site\.conf.*hashsize/s) as string,
    });
    expect(await fileOf(SYSCTL_FILE)).toBeUndefined();
  });

  it('does not offer the later name where that would not help', async () => {
    await door.tree.write('etc/sysctl.d/zzzzz.conf', 'net.netfilter.nf_conntrack_udp_timeout = 9\n');
    await expect(persist({ udp_timeout: 45 })).rejects.toThrow(/leaves udp_timeout at 9\.$/);
  });

  it('is undone where the files, once written, do not promise what was planned', async () => {
    const apply = door.bootFiles.apply.bind(door.bootFiles);
    door.bootFiles.apply = async (changes) => {
      door.bootFiles.apply = apply;
      await apply(changes);
      await door.tree.write(FOREIGN, 'net.netfilter.nf_conntrack_udp_timeout = 9\n');
    };
    expect(await persist({ udp_timeout: 45 })).toMatchObject({
      outcome: 'failed',
      failure: { code: 'BOOT_RESULT_CHANGED', message: expect.stringContaining('it is 9') as string },
    });
    expect(await fileOf(SYSCTL_FILE)).toBeUndefined();
    expect(Number(await door.tree.read('proc/sys/net/netfilter/nf_conntrack_udp_timeout'))).toBe(30);
  });

  it('asks before it writes over what a hand has edited, and keeps that for a rollback', async () => {
    await persist({ udp_timeout: 45 });
    const edited = `${(await fileOf(SYSCTL_FILE)) ?? ''}# not on my watch\n`;
    await door.tree.write(SYSCTL_FILE, edited);
    await expect(persist({ udp_timeout: 50 })).rejects.toThrow(/was edited since.*# not on my watch/);
    const { id } = await persist({ udp_timeout: 50 }, ['BOOT_FILE_EDITED']);
    expect(await fileOf(SYSCTL_FILE)).not.toContain('not on my watch');
    await door.rollBack.run(CALLER, { what: 'change', id, force: false, reason: null });
    expect(await fileOf(SYSCTL_FILE)).toBe(edited);
  });

  it('asks again at confirmation where something has come between, and not for what was accepted before', async () => {
    await door.tree.write(FOREIGN, 'net.netfilter.nf_conntrack_udp_timeout = 9\n');
    const request = { settings: { udp_timeout: 45 }, persist: true, reason: null };
    const accepted = await door.change.run(CALLER, request, terms(['OVERRIDDEN_AT_BOOT'], { confirmWithinSeconds: 60 }));
    expect(await door.confirm.run(CALLER, accepted.id, null)).toMatchObject({ kind: 'confirmation', outcome: 'applied' });

    const other = { settings: { icmp_timeout: 45 }, persist: true, reason: null };
    const { id } = await door.change.run(CALLER, other, terms([], { confirmWithinSeconds: 60 }));
    await door.tree.write('etc/sysctl.d/99-zzzz.conf', 'net.netfilter.nf_conntrack_icmp_timeout = 8\n');
    await expect(door.confirm.run(CALLER, id, null)).rejects.toMatchObject({ code: 'RISK_UNACKNOWLEDGED' });
  });

  it('keeps the later name over a confirmation', async () => {
    const request = { settings: { udp_timeout: 45 }, persist: true, last: true, reason: null };
    const { id } = await door.change.run(CALLER, request, terms([], { confirmWithinSeconds: 60 }));
    expect(await fileOf(LATER_FILE)).toBeUndefined();
    await door.confirm.run(CALLER, id, null);
    expect(await fileOf(LATER_FILE)).toContain('nf_conntrack_udp_timeout = 45');
  });
});

describe('unpersisting', () => {
  const unpersist = (...names: string[]): ReturnType<Door['unpersist']['run']> =>
    door.unpersist.run(CALLER, { names: names.length === 0 ? null : names, reason: 'a test' }, terms([]));

  it('takes our files away, leaves what is live, and can be rolled back', async () => {
    await persist({ udp_timeout: 45, icmp_timeout: 20 });
    const before = await fileOf(SYSCTL_FILE);
    expect(await unpersist('udp_timeout')).toMatchObject({ kind: 'change', outcome: 'applied' });
    expect(await fileOf(SYSCTL_FILE)).toMatch(/\nnet\.netfilter\.nf_conntrack_icmp_timeout = 20\n$/);
    const { id } = await unpersist();
    expect(await fileOf(SYSCTL_FILE)).toBeUndefined();
    expect(Number(await door.tree.read('proc/sys/net/netfilter/nf_conntrack_udp_timeout'))).toBe(45);
    await door.rollBack.run(CALLER, { what: 'to', id: id - 2, force: false, reason: null });
    expect(await fileOf(SYSCTL_FILE)).toBe(before);
  });

  it('takes max and buckets together', async () => {
    await persist({ max: 131_072, udp_timeout: 45 });
    await unpersist('max');
    expect(await door.bootFiles.persisted('nf_conntrack')).toEqual({ udp_timeout: 45 });
  });

  it('alters nothing where nothing is persisted', async () => {
    expect(await unpersist('udp_timeout')).toMatchObject({ outcome: 'applied', settings: [], files: [] });
  });

  it('says so of a name that nobody knows', async () => {
    await expect(unpersist('udp_timeot')).rejects.toMatchObject({ code: 'SETTING_UNKNOWN' });
  });
});

describe('unpersisting on the legacy layout', () => {
  beforeEach(async () => {
    await door.close();
    door = await openDoor('ip_conntrack');
  });
  const unpersist = (): ReturnType<Door['unpersist']['run']> => door.unpersist.run(CALLER, { names: null, reason: null }, terms([]));
  const files = async (): Promise<readonly (string | undefined)[]> => [await fileOf('etc/sysctl.conf'), await fileOf('etc/modprobe.conf')];

  it('gives every line back what it said before the first of our changes', async () => {
    const before = await files();
    await persist({ max: 131_072, buckets: 16_384 });
    await persist({ max: 150_000, udp_timeout: 45 });
    expect(await files()).not.toEqual(before);
    await unpersist();
    expect(await files()).toEqual(before);
  });

  it('leaves a line alone that somebody has edited since', async () => {
    await persist({ udp_timeout: 45 });
    const edited = ((await fileOf('etc/sysctl.conf')) ?? '').replace('udp_timeout = 45', 'udp_timeout = 46');
    await door.tree.write('etc/sysctl.conf', edited);
    await unpersist();
    expect(await fileOf('etc/sysctl.conf')).toBe(edited);
  });
});
