import { describe, expect, it } from 'vitest';
import type { BootFilesFound, BootService } from '../../../../src/domain/boot/boot-input.ts';
import { boot, commandLine } from './boot-of.ts';

const UNITS = '/usr/lib/systemd/system';
const FILES = {
  '/etc/sysctl.d/a.conf': 'net.netfilter.nf_conntrack_max = 5000\nnet.netfilter.nf_conntrack_acct = 1\n',
  '/etc/modules-load.d/a.conf': 'nf_conntrack\n',
};
const RULE = {
  '/etc/udev/rules.d/a.rules': 'ACTION=="add", SUBSYSTEM=="module", KERNEL=="nf_conntrack", RUN+="/lib/systemd/systemd-sysctl"\n',
};

type ServiceFiles = Readonly<Record<string, string | null>>;
const SHIPPED: Record<'modulesLoad' | 'sysctl', ServiceFiles> = {
  modulesLoad: { [`${UNITS}/systemd-modules-load.service`]: '[Service]\nType=oneshot\nExecStart=/usr/lib/systemd/systemd-modules-load\n' },
  sysctl: {
    [`${UNITS}/systemd-sysctl.service`]:
      '[Unit]\nConditionPathIsReadWrite=/proc/sys/net/\n[Service]\nExecStart=/lib/systemd/systemd-sysctl\nLoadCredential=sysctl.extra\n',
  },
};

/** @param files in reading order, by path; `null`: a link to /dev/null */
function service(name: string, files: ServiceFiles, isWanted = true): BootService {
  const found = Object.entries(files).map(([path, text]) => ({
    path,
    content: text === null ? ({ kind: 'null-device' } as const) : ({ kind: 'text', text } as const),
  }));
  return { name, files: found, isWanted };
}

function services(sysctl: ServiceFiles, modulesLoad: ServiceFiles = SHIPPED.modulesLoad): Partial<BootFilesFound> {
  return {
    services: { sysctl: service('systemd-sysctl.service', sysctl), modulesLoad: service('systemd-modules-load.service', modulesLoad) },
  };
}

const dropIn = (text: string): ServiceFiles => ({
  ...SHIPPED.sysctl,
  '/etc/systemd/system/systemd-sysctl.service.d/o.conf': `[Service]\n${text}\n`,
});

describe('systemd-sysctl', () => {
  it('sets sysctls as its distribution ships it', () => {
    const preview = boot(FILES, {}, services(SHIPPED.sysctl));
    expect([preview.of('max').value, preview.codes]).toEqual([5000, []]);
  });

  it.each<[string, Partial<BootFilesFound>]>([
    ['is masked by systemctl mask', services({ '/etc/systemd/system/systemd-sysctl.service': null })],
    ['is masked by an empty unit file', services({ '/etc/systemd/system/systemd-sysctl.service': '' })],
    [
      'is masked by systemd.mask=systemd-sysctl.service',
      { ...services(SHIPPED.sysctl), ...commandLine('quiet systemd.mask=systemd-sysctl.service') },
    ],
    [
      'is masked by systemd.mask=systemd-sysctl without a suffix',
      { ...services(SHIPPED.sysctl), ...commandLine('"systemd.mask=systemd-sysctl"') },
    ],
    ['is masked on a host whose units are unknown', commandLine('systemd.mask=systemd-sysctl')],
    ['has no unit file', services({})],
    ['has its ExecStart removed', services(dropIn('ExecStart='))],
    ['runs /bin/true in its place', services(dropIn('ExecStart=\nExecStart=-/bin/true'))],
    ['only prints', services(dropIn('ExecStart=\nExecStart=/lib/systemd/systemd-sysctl --cat-config'))],
  ])('sets nothing if it %s', (_, more) => {
    const preview = boot(FILES, {}, more);
    expect(preview.of('max')).toMatchObject({ origin: 'kernel-default', overridden: [{ reason: 'service-off', value: 5000 }] });
    expect(preview.findings[0]).toMatchObject({ code: 'BOOT_SERVICE_OFF', level: 'error', settings: ['acct', 'max'] });
  });

  it('sets nothing if nothing starts it', () => {
    const found = services(SHIPPED.sysctl).services;
    if (found === undefined) throw new Error('expected services');
    const preview = boot(FILES, {}, { services: { ...found, sysctl: { ...found.sysctl, isWanted: false } } });
    expect(preview.codes).toEqual(['BOOT_SERVICE_OFF']);
  });

  it.each(['rd.systemd.mask=systemd-sysctl.service', 'systemd.mask=systemd-sysctl.socket', 'systemd.mask=', 'systemd.mask systemd-sysctl'])(
    'is not masked by %s',
    (text) => {
      expect(boot(FILES, {}, { ...services(SHIPPED.sysctl), ...commandLine(text) }).of('max').value).toBe(5000);
    },
  );

  it('that is masked leaves sysctls to a udev rule', () => {
    const masked = services({ '/etc/systemd/system/systemd-sysctl.service': null });
    const { '/etc/sysctl.d/a.conf': sysctl } = FILES;
    const preview = boot({ '/etc/sysctl.d/a.conf': sysctl, ...RULE }, {}, masked);
    expect([preview.of('max').value, preview.codes]).toEqual([5000, []]);
  });

  it('sets only the keys below the prefix of a drop-in', () => {
    const files = { ...FILES, '/etc/sysctl.d/b.conf': 'net.nf_conntrack_max = 7000\n' };
    const preview = boot(files, {}, services(dropIn('ExecStart=\nExecStart=/lib/systemd/systemd-sysctl --prefix=/net/netfilter')));
    expect(preview.of('max')).toMatchObject({ value: 5000, overridden: [{ reason: 'service-off', value: 7000 }] });
    expect(preview.codes).toEqual(['BOOT_SERVICE_OFF']);
  });

  it('sets only the lines of a file that a drop-in names, even one that is masked', () => {
    const files = {
      ...FILES,
      '/usr/lib/sysctl.d/a.conf': 'net.netfilter.nf_conntrack_max = 9\n',
      '/etc/sysctl.d/b.conf': 'net.netfilter.nf_conntrack_max = 7\n',
    };
    const named = (argument: string): number | undefined =>
      boot(files, {}, services(dropIn(`ExecStart=\nExecStart=/lib/systemd/systemd-sysctl ${argument}`))).of('max').value;
    expect([named('b.conf'), named('a.conf'), named('/usr/lib/sysctl.d/a.conf'), named('-- b.conf a.conf')]).toEqual([7, 5000, 9, 5000]);
  });

  it.each([
    ['another command', dropIn('ExecStart=\nExecStart=/usr/local/sbin/set-sysctls')],
    ['a second command', dropIn('ExecStart=/sbin/sysctl --system')],
    ['a file elsewhere', dropIn('ExecStart=\nExecStart=/lib/systemd/systemd-sysctl /opt/site/net.conf')],
    [
      'a condition',
      { ...SHIPPED.sysctl, '/etc/systemd/system/systemd-sysctl.service.d/o.conf': '[Unit]\nConditionVirtualization=!container\n' },
    ],
  ])('has an unknown result with %s in a drop-in', (_, files) => {
    const preview = boot(FILES, {}, services(files));
    expect(preview.of('max').origin).toBe('unknown');
    expect(preview.codes).toContain('BOOT_UNKNOWN');
  });
});

describe('systemd-modules-load', () => {
  it.each<[string, Partial<BootFilesFound>]>([
    ['masked', services(SHIPPED.sysctl, { '/etc/systemd/system/systemd-modules-load.service': null })],
    ['masked on the kernel command line', { ...services(SHIPPED.sysctl), ...commandLine('systemd.mask=systemd-modules-load.service') }],
    ['not installed', services(SHIPPED.sysctl, {})],
  ])('that is %s is named as the reason why the module is loaded late', (_, more) => {
    const preview = boot(FILES, {}, more);
    expect(preview.loading.when).toBe('late');
    const [off, lost] = ['BOOT_SERVICE_OFF', 'SYSCTL_LOST_MODULE_LATE'].map((wanted) =>
      preview.findings.find(({ code }) => code === wanted),
    );
    expect([off?.level, off?.lines[0]?.path]).toEqual(['error', '/etc/modules-load.d/a.conf']);
    expect(lost?.remedy).toMatch(/unmask systemd-modules-load/);
    expect(preview.of('max').overridden).toMatchObject([{ reason: 'module-loads-late' }]);
  });

  it('does not matter if nothing else would load the module either', () => {
    const { '/etc/sysctl.d/a.conf': sysctl } = FILES;
    const preview = boot(
      { '/etc/sysctl.d/a.conf': sysctl },
      {},
      services(SHIPPED.sysctl, { '/etc/systemd/system/systemd-modules-load.service': null }),
    );
    expect(preview.codes).toEqual(['SYSCTL_LOST_MODULE_LATE']);
  });

  it('does not matter on hosts without systemd', () => {
    const masked = services(SHIPPED.sysctl, { '/etc/systemd/system/systemd-modules-load.service': null });
    expect(boot(FILES, {}, { ...masked, init: 'other' }).of('max').value).toBe(5000);
  });
});

describe('a udev rule', () => {
  const rule = (command: string): Record<string, string> => ({
    '/etc/sysctl.d/a.conf': 'net.netfilter.nf_conntrack_max = 5000\n',
    '/etc/sysctl.d/b.conf': 'net.netfilter.nf_conntrack_acct = 1\n',
    '/etc/udev/rules.d/a.rules': `ACTION=="add", SUBSYSTEM=="module", KERNEL=="nf_conntrack", RUN+="/lib/systemd/systemd-sysctl ${command}"\n`,
  });
  const values = (command: string): readonly (number | undefined)[] => {
    const preview = boot(rule(command), { defaults: {} });
    return [preview.of('max').value, preview.of('acct').value];
  };

  it.each([
    ['--prefix=/net/netfilter', [5000, 1]],
    ['--prefix /net/netfilter', [5000, 1]],
    ['--pre=net.netfilter', [5000, 1]],
    ["--prefix '/net/netfilter'", [5000, 1]],
    ['--prefix=/proc/sys/net/netfilter', [undefined, undefined]],
    ['--prefix=/net/bridge --prefix=net/netfilter/nf_conntrack_acct', [undefined, 1]],
    ['--prefix=/net/nf_conntrack_max', [undefined, undefined]],
    ['--strict b.conf', [undefined, 1]],
    ['/etc/sysctl.d/a.conf', [5000, undefined]],
    ['--prefix=/net/netfilter/nf_conntrack_max a.conf b.conf', [5000, undefined]],
    ['missing.conf', [undefined, undefined]],
    ['--cat-config', [undefined, undefined]],
    ['--prefix', [undefined, undefined]],
    ['--nonsense', [undefined, undefined]],
  ])('sets again what its arguments select: %s', (command, expected) => {
    expect(values(command)).toEqual(expected);
  });

  it('passes over a link that leads to nothing when it looks for a file by name', () => {
    const files = { '/etc/sysctl.d/c.conf': { leadsTo: '/nothing' }, '/usr/lib/sysctl.d/c.conf': 'net.netfilter.nf_conntrack_max = 7\n' };
    expect(boot({ ...rule('c.conf'), ...files }, { defaults: {} }).of('max').value).toBe(7);
    const masked = { ...files, '/etc/sysctl.d/c.conf': { leadsTo: '/dev/null' } };
    expect(boot({ ...rule('c.conf'), ...masked }, { defaults: {} }).of('max').value).toBeUndefined();
  });

  it.each([
    ['net.netfilter.nf_conntrack_{max,acct}*', '--prefix=/net/netfilter', [1, 1]],
    ['net.netfilter.nf_conntrack_{max,acct}*', '--prefix=/net/netfilter/nf_conntrack_max', [undefined, undefined]],
    ['net.netfilter.nf_conntrack_[am]*', '--prefix=/net/netfilter/nf_conntrack_max', [1, undefined]],
    ['net.{core,netfilter}.nf_conntrack_?ax', '--prefix=/net/netfilter', [undefined, undefined]],
    ['net.*.nf_conntrack_{max,acct}', '--prefix=net.netfilter', [undefined, undefined]],
    ['net.*.nf_conntrack_{max,acct}', '--prefix=net', [1, 1]],
    ['net.*.nf_conntrack_max', '--prefix=net.ipv4', [undefined, undefined]],
    ['net.net*', '--prefix=/net/netfilter/nf_conntrack_max', [undefined, undefined]],
    ['net.*.nf_conntrack_acct', '--prefix=/', [undefined, 1]],
  ])('replaces the beginning of the glob %s by what it matches of %s', (glob, prefix, expected) => {
    const preview = boot({ ...rule(prefix), '/etc/sysctl.d/a.conf': `${glob} = 1\n`, '/etc/sysctl.d/b.conf': '' }, { defaults: {} });
    expect([preview.of('max').value, preview.of('acct').value]).toEqual(expected);
  });

  it.each([
    ['4.18.0-553.el8', 'unknown'],
    ['5.10.0-28-amd64', 'unknown'],
    ['5.11.0', 'file'],
    ['6.1.0-18-amd64', 'file'],
    [undefined, 'file'],
  ])('has a certain result since Linux 5.11: with %s it is %s', (release, origin) => {
    const preview = boot(rule(''), release === undefined ? {} : { release });
    expect(preview.of('max').origin).toBe(origin);
    expect(preview.codes.includes('BOOT_UNKNOWN')).toBe(origin === 'unknown');
  });

  it('does not matter before Linux 5.11 if the module is loaded in time', () => {
    const preview = boot({ ...rule(''), '/etc/modules-load.d/a.conf': 'nf_conntrack\n' }, { release: '5.10.0' });
    expect([preview.of('max').value, preview.codes]).toEqual([5000, []]);
  });
});
