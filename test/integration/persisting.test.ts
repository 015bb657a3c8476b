import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLAIN_TERMS, type ChangeTerms } from '../../src/application/change/change-terms.ts';
import type { RiskCode } from '../../src/domain/risks/risk.ts';
import { CALLER, openApp, type App } from '../support/app.ts';

const SYSCTL_FILE = 'etc/sysctl.d/99-zz-conntrack-api.conf';
const LAST_FILE = 'etc/sysctl.d/zzzz-conntrack-api.conf';
const UNMANAGED = 'etc/sysctl.d/99-zzz-site.conf';

let app: App;
beforeEach(async () => {
  app = await openApp();
});
afterEach(() => app.close());

const terms = (acknowledge: readonly RiskCode[], rest: Partial<ChangeTerms> = {}): ChangeTerms => ({
  ...PLAIN_TERMS,
  acknowledge: ['CHAIN_LENGTH', ...acknowledge],
  ...rest,
});
const persist = (settings: Record<string, number>, acknowledge: readonly RiskCode[] = [], last = false): ReturnType<App['change']['run']> =>
  app.change.run(CALLER, { settings, persist: true, last, reason: null }, terms(acknowledge));
const fileOf = (path: string): Promise<string | undefined> => app.tree.read(path).catch(() => undefined);

describe('persisting', () => {
  it('names the change in the files it writes', async () => {
    await persist({ udp_timeout: 40 });
    expect(await persist({ udp_timeout: 45 })).toMatchObject({ id: 2, outcome: 'applied' });
    expect(await fileOf(SYSCTL_FILE)).toContain('# Change 2; SHA-256');
  });

  it('shows in the plan the values at the next boot, including those that other files set', async () => {
    await app.tree.write(
      'etc/sysctl.d/10-site.conf',
      'net.netfilter.nf_conntrack_icmp_timeout = 12\nnet.netfilter.nf_conntrack_udp_timeout = 9\n',
    );
    const { atNextBoot } = await app.change.preview({ settings: { udp_timeout: 45 }, persist: true, reason: null });
    expect(atNextBoot).toMatchObject({ udp_timeout: 45, icmp_timeout: 12 });
  });

  it('is refused where another line overrides it, names the line, and offers persistLast where that helps', async () => {
    await app.tree.write(UNMANAGED, '\nnet.netfilter.nf_conntrack_udp_timeout = 9\n');
    await expect(persist({ udp_timeout: 45 })).rejects.toMatchObject({
      code: 'RISK_UNACKNOWLEDGED',
      message: expect.stringMatching(/99-zzz-site\.conf, line 2, .* leaves udp_timeout at 9\. With "persistLast": true/) as string,
    });
    expect(await fileOf(SYSCTL_FILE)).toBeUndefined();
    expect(app.journal.list({}, 1)).toEqual([]);

    expect(await persist({ udp_timeout: 45 }, [], true)).toMatchObject({ outcome: 'applied' });
    expect(await fileOf(LAST_FILE)).toContain('nf_conntrack_udp_timeout = 45');
  });

  it('is refused where a parameter in another file keeps the module from loading', async () => {
    await app.tree.write('etc/modprobe.d/site.conf', 'options nf_conntrack hashsize=64k\n');
    await expect(persist({ udp_timeout: 45 })).rejects.toMatchObject({
      code: 'RISK_UNACKNOWLEDGED',
      message: expect.stringMatching(/does not load at the next boot.*site\.conf.*hashsize/s) as string,
    });
    expect(await fileOf(SYSCTL_FILE)).toBeUndefined();
  });

  it('does not offer persistLast where that would not help', async () => {
    await app.tree.write('etc/sysctl.d/zzzzz.conf', 'net.netfilter.nf_conntrack_udp_timeout = 9\n');
    await expect(persist({ udp_timeout: 45 })).rejects.toThrow(/leaves udp_timeout at 9\.$/);
  });

  it('is rolled back where the written files do not lead to the planned values', async () => {
    const apply = app.bootFiles.apply.bind(app.bootFiles);
    app.bootFiles.apply = async (changes) => {
      app.bootFiles.apply = apply;
      await apply(changes);
      await app.tree.write(UNMANAGED, 'net.netfilter.nf_conntrack_udp_timeout = 9\n');
    };
    expect(await persist({ udp_timeout: 45 })).toMatchObject({
      outcome: 'failed',
      failure: { code: 'BOOT_RESULT_CHANGED', message: expect.stringContaining('it is 9') as string },
    });
    expect(await fileOf(SYSCTL_FILE)).toBeUndefined();
    expect(Number(await app.tree.read('proc/sys/net/netfilter/nf_conntrack_udp_timeout'))).toBe(30);
  });

  it('requires an acknowledgement to overwrite a manually edited file, and a rollback restores the edits', async () => {
    await persist({ udp_timeout: 45 });
    const edited = `${(await fileOf(SYSCTL_FILE)) ?? ''}# not on my watch\n`;
    await app.tree.write(SYSCTL_FILE, edited);
    await expect(persist({ udp_timeout: 50 })).rejects.toThrow(/edited by hand.*# not on my watch/);
    const { id } = await persist({ udp_timeout: 50 }, ['BOOT_FILE_EDITED']);
    expect(await fileOf(SYSCTL_FILE)).not.toContain('not on my watch');
    await app.rollBack.run(CALLER, { what: 'change', id, force: false, reason: null });
    expect(await fileOf(SYSCTL_FILE)).toBe(edited);
  });

  it('requires a new acknowledgement at confirmation for a new risk only', async () => {
    await app.tree.write(UNMANAGED, 'net.netfilter.nf_conntrack_udp_timeout = 9\n');
    const request = { settings: { udp_timeout: 45 }, persist: true, reason: null };
    const accepted = await app.change.run(CALLER, request, terms(['OVERRIDDEN_AT_BOOT'], { confirmWithinSeconds: 60 }));
    expect(await app.confirm.run(CALLER, accepted.id, null)).toMatchObject({ kind: 'confirmation', outcome: 'applied' });

    const other = { settings: { icmp_timeout: 45 }, persist: true, reason: null };
    const { id } = await app.change.run(CALLER, other, terms([], { confirmWithinSeconds: 60 }));
    await app.tree.write('etc/sysctl.d/99-zzzz.conf', 'net.netfilter.nf_conntrack_icmp_timeout = 8\n');
    await expect(app.confirm.run(CALLER, id, null)).rejects.toMatchObject({ code: 'RISK_UNACKNOWLEDGED' });
  });

  it('applies persistLast at confirmation', async () => {
    const request = { settings: { udp_timeout: 45 }, persist: true, last: true, reason: null };
    const { id } = await app.change.run(CALLER, request, terms([], { confirmWithinSeconds: 60 }));
    expect(await fileOf(LAST_FILE)).toBeUndefined();
    await app.confirm.run(CALLER, id, null);
    expect(await fileOf(LAST_FILE)).toContain('nf_conntrack_udp_timeout = 45');
  });
});

describe('unpersisting', () => {
  const unpersist = (...names: string[]): ReturnType<App['unpersist']['run']> =>
    app.unpersist.run(CALLER, { names: names.length === 0 ? null : names, reason: 'a test' }, terms([]));

  it('removes the files of this service, keeps the live values, and can be rolled back', async () => {
    await persist({ udp_timeout: 45, icmp_timeout: 20 });
    const before = await fileOf(SYSCTL_FILE);
    expect(await unpersist('udp_timeout')).toMatchObject({ kind: 'change', outcome: 'applied' });
    expect(await fileOf(SYSCTL_FILE)).toMatch(/\nnet\.netfilter\.nf_conntrack_icmp_timeout = 20\n$/);
    const { id } = await unpersist();
    expect(await fileOf(SYSCTL_FILE)).toBeUndefined();
    expect(Number(await app.tree.read('proc/sys/net/netfilter/nf_conntrack_udp_timeout'))).toBe(45);
    await app.rollBack.run(CALLER, { what: 'to', id: id - 2, force: false, reason: null });
    expect(await fileOf(SYSCTL_FILE)).toBe(before);
  });

  it('removes max and buckets together', async () => {
    await persist({ max: 131_072, udp_timeout: 45 });
    await unpersist('max');
    expect(await app.bootFiles.persisted('nf_conntrack')).toEqual({ udp_timeout: 45 });
  });

  it('alters nothing where nothing is persisted', async () => {
    expect(await unpersist('udp_timeout')).toMatchObject({ outcome: 'applied', settings: [], files: [] });
  });

  it('refuses an unknown name', async () => {
    await expect(unpersist('udp_timeot')).rejects.toMatchObject({ code: 'SETTING_UNKNOWN' });
  });
});

describe('unpersisting on the legacy layout', () => {
  beforeEach(async () => {
    await app.close();
    app = await openApp('ip_conntrack');
  });
  const unpersist = (): ReturnType<App['unpersist']['run']> => app.unpersist.run(CALLER, { names: null, reason: null }, terms([]));
  const files = async (): Promise<readonly (string | undefined)[]> => [await fileOf('etc/sysctl.conf'), await fileOf('etc/modprobe.conf')];

  it('restores every line to its text before the first change of this service', async () => {
    const before = await files();
    await persist({ max: 131_072, buckets: 16_384 });
    await persist({ max: 150_000, udp_timeout: 45 });
    expect(await files()).not.toEqual(before);
    await unpersist();
    expect(await files()).toEqual(before);
  });

  it('leaves a line alone that another writer edited since', async () => {
    await persist({ udp_timeout: 45 });
    const edited = ((await fileOf('etc/sysctl.conf')) ?? '').replace('udp_timeout = 45', 'udp_timeout = 46');
    await app.tree.write('etc/sysctl.conf', edited);
    await unpersist();
    expect(await fileOf('etc/sysctl.conf')).toBe(edited);
  });
});
