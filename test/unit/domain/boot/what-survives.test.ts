import { describe, expect, it } from 'vitest';
import type { BootFilesFound } from '../../../../src/domain/boot/boot-input.ts';
import { boot, commandLine } from './boot-of.ts';

const SYSCTL = {
  '/etc/sysctl.d/50-conntrack.conf': 'net.netfilter.nf_conntrack_max = 100000\nnet.netfilter.nf_conntrack_tcp_timeout_established = 777\n',
};
const LOAD = { '/etc/modules-load.d/conntrack.conf': 'nf_conntrack\n' };
const HASHSIZE = { '/etc/modprobe.d/conntrack.conf': 'options nf_conntrack hashsize=20000\n' };
const RULE = {
  '/etc/udev/rules.d/50-conntrack.rules':
    'ACTION=="add", SUBSYSTEM=="module", KERNEL=="nf_conntrack", RUN+="/lib/systemd/systemd-sysctl --prefix=/net/netfilter"\n',
};

/** The table of measured boots, row by row. */
describe('what survives a boot', () => {
  it('loses sysctls when a rule of the firewall loads the module later', () => {
    const preview = boot(SYSCTL);
    expect(preview.of('max')).toMatchObject({ value: 8192, origin: 'kernel-default' });
    expect(preview.of('tcp_timeout_established')).toMatchObject({ value: 432_000, origin: 'kernel-default' });
    expect(preview.of('max').overridden).toMatchObject([
      { path: '/etc/sysctl.d/50-conntrack.conf', line: 1, reason: 'module-loads-late', value: 100_000 },
    ]);
    expect(preview.loading).toMatchObject({ builtIn: false, when: 'late', sysctlBy: 'systemd' });
    expect(preview.findings).toMatchObject([
      { code: 'SYSCTL_LOST_MODULE_LATE', level: 'error', settings: ['max', 'tcp_timeout_established'] },
    ]);
  });

  describe('with a firewall that is started at boot', () => {
    const unit = (...lines: readonly string[]): Partial<BootFilesFound> => {
      const text = ['[Unit]', 'Before=network-pre.target', ...lines, ''].join('\n');
      return {
        firewallUnits: [
          { name: 'nftables.service', files: [{ path: '/lib/systemd/system/nftables.service', content: { kind: 'text', text } }] },
        ],
      };
    };

    it('does not know whether sysctls are lost if the two are not ordered', () => {
      const preview = boot(SYSCTL, {}, unit('DefaultDependencies=no'));
      expect(preview.of('max')).toMatchObject({ origin: 'unknown', overridden: [{ reason: 'module-loads-late' }] });
      expect(preview.of('max')).not.toHaveProperty('value');
      expect(preview.of('udp_timeout').origin).toBe('kernel-default');
      expect(preview.loading.when).toBe('unknown');
      expect(preview.findings).toMatchObject([
        { code: 'SYSCTL_LOST_MODULE_LATE', message: expect.stringContaining('may be loaded') as string },
        {
          code: 'BOOT_UNKNOWN',
          settings: ['max', 'tcp_timeout_established'],
          lines: [{ path: '/lib/systemd/system/nftables.service', line: 3, text: 'DefaultDependencies=no' }],
        },
      ]);
    });

    it.each([
      ['has the usual dependencies', unit()],
      ['is ordered after systemd-sysctl', unit('DefaultDependencies=no', 'After=local-fs.target systemd-sysctl.service')],
      ['has them restored by a later line', unit('DefaultDependencies=no', 'DefaultDependencies=yes')],
    ])('loses them where it %s', (_, firewall) => {
      const preview = boot(SYSCTL, {}, firewall);
      expect(preview.of('max')).toMatchObject({ value: 8192, origin: 'kernel-default' });
      expect(preview.loading.when).toBe('late');
    });

    it('keeps sysctls if the module is loaded by name', () => {
      const preview = boot({ ...SYSCTL, ...LOAD }, {}, unit('DefaultDependencies=no'));
      expect(preview.of('max')).toMatchObject({ value: 100_000, origin: 'file' });
      expect(preview.findings).toEqual([]);
    });
  });

  it('does not know the kernel’s default unless it is given', () => {
    const { max } = { max: boot(SYSCTL, { defaults: {} }).of('max') };
    expect(max.origin).toBe('kernel-default');
    expect(max).not.toHaveProperty('value');
  });

  it('loses sysctls and gets 8 x the rounded hashsize as max', () => {
    const preview = boot({ ...SYSCTL, ...HASHSIZE });
    expect(preview.of('buckets')).toMatchObject({
      value: 20_480,
      origin: 'file',
      effective: { path: '/etc/modprobe.d/conntrack.conf', line: 1 },
    });
    expect(preview.of('max')).toMatchObject({ value: 163_840, origin: 'derived', effective: { path: '/etc/modprobe.d/conntrack.conf' } });
    expect(preview.codes).toEqual(['SYSCTL_LOST_MODULE_LATE', 'HASHSIZE_SETS_MAX']);
  });

  it.each([
    ['modules-load.d', LOAD],
    [
      'a link to /etc/modules',
      { '/etc/modules-load.d/modules.conf': { leadsTo: '/etc/modules' }, '/etc/modules': '# comment\nnf_conntrack\n' },
    ],
    ['a module that needs it', { '/usr/lib/modules-load.d/nat.conf': 'nft-ct\n' }],
  ])('keeps sysctls when the module is loaded by %s', (_, files) => {
    const preview = boot({ ...SYSCTL, ...files });
    expect(preview.of('max')).toMatchObject({ value: 100_000, origin: 'file', effective: { line: 1 } });
    expect(preview.of('tcp_timeout_established')).toMatchObject({ value: 777, origin: 'file', effective: { line: 2 } });
    expect(preview.loading.when).toBe('before-sysctl');
    expect(preview.findings).toEqual([]);
  });

  it('keeps sysctls when the command line loads the module', () => {
    const preview = boot(SYSCTL, {}, commandLine('quiet modules_load=loop,nf_conntrack'));
    expect(preview.of('max').value).toBe(100_000);
    expect(preview.loading.by).toMatchObject({ path: '/proc/cmdline', text: 'modules_load=loop,nf_conntrack' });
  });

  it('keeps sysctls when a udev rule sets them again', () => {
    const preview = boot({ ...SYSCTL, ...RULE });
    expect(preview.of('max')).toMatchObject({ value: 100_000, origin: 'file', overridden: [] });
    expect(preview.loading).toMatchObject({ when: 'late', reappliedByRule: { path: '/etc/udev/rules.d/50-conntrack.rules', line: 1 } });
    expect(preview.findings).toEqual([]);
  });

  it('misses the alias when the rule has a prefix', () => {
    const preview = boot({ '/etc/sysctl.d/50.conf': 'net.nf_conntrack_max = 100000\n', ...RULE });
    expect(preview.of('max')).toMatchObject({ value: 8192, origin: 'kernel-default', overridden: [{ reason: 'module-loads-late' }] });
    expect(preview.codes).toEqual(['ALIAS_MISSED_BY_RULE']);
  });

  it('does not know the effect of an install line, except for what sysctls set afterwards', () => {
    const install = {
      '/etc/modprobe.d/i.conf': 'install nf_conntrack /sbin/modprobe --ignore-install nf_conntrack && /usr/local/sbin/tune\n',
    };
    const late = boot({ ...SYSCTL, ...install });
    expect(late.of('max')).toMatchObject({ origin: 'unknown' });
    expect(late.of('max')).not.toHaveProperty('value');
    expect(late.codes).toContain('INSTALL_LINE');
    const early = boot({ ...SYSCTL, ...install, ...LOAD });
    expect(early.of('max')).toMatchObject({ value: 100_000, origin: 'file' });
    expect(early.of('udp_timeout').origin).toBe('unknown');
  });

  it('keeps sysctls if conntrack is built in, and modprobe.d has no effect', () => {
    const preview = boot({ ...SYSCTL, ...HASHSIZE }, { builtIn: true });
    expect(preview.of('max').value).toBe(100_000);
    expect(preview.of('buckets')).toMatchObject({
      value: 8192,
      origin: 'kernel-default',
      overridden: [{ reason: 'built-in', value: 20_480 }],
    });
    expect(preview.codes).toEqual(['MODPROBE_IGNORED_BUILT_IN']);
  });

  it('uses the hashsize of the command line if conntrack is built in', () => {
    const preview = boot({}, { builtIn: true }, commandLine('quiet nf_conntrack.hashsize=40000'));
    expect(preview.of('buckets')).toMatchObject({
      value: 40_448,
      origin: 'command-line',
      effective: { text: 'nf_conntrack.hashsize=40000' },
    });
    expect(preview.of('max')).toMatchObject({ value: 323_584, origin: 'derived' });
  });

  it('gives sysctls precedence over the hashsize', () => {
    const sysctl = { '/etc/sysctl.d/50.conf': 'net.netfilter.nf_conntrack_buckets=30000\nnet.netfilter.nf_conntrack_max=100000\n' };
    const preview = boot({ ...sysctl, ...HASHSIZE, ...LOAD });
    expect(preview.of('buckets')).toMatchObject({ value: 30_208, overridden: [{ reason: 'sysctl-runs-later', value: 20_480 }] });
    expect(preview.of('max').value).toBe(100_000);
    expect(preview.findings).toEqual([]);
  });

  it('gives the command line precedence over modprobe.d', () => {
    const preview = boot(HASHSIZE, {}, commandLine('nf_conntrack.hashsize=40000'));
    expect(preview.of('buckets')).toMatchObject({
      value: 40_448,
      origin: 'command-line',
      overridden: [{ reason: 'command-line-wins', value: 20_480 }],
    });
    expect(preview.of('max')).toMatchObject({ value: 323_584, origin: 'derived' });
  });
});
