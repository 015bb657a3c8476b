import { describe, expect, it } from 'vitest';
import { boot, commandLine, modulesOf } from './boot-of.ts';

const LOAD = { '/etc/modules-load.d/conntrack.conf': 'nf_conntrack\n' };
const max = (value: string | number): string => `net.netfilter.nf_conntrack_max = ${value}\n`;
const alias = (value: string | number): string => `net.nf_conntrack_max = ${value}\n`;

describe('module parameters', () => {
  it.each(['64k', 'abc', '-1', '20000,3', '500000000', ''])('that are invalid (%j) keep the module from loading', (value) => {
    const preview = boot({ '/etc/modprobe.d/a.conf': `options nf_conntrack hashsize=${value}\n`, '/etc/sysctl.d/a.conf': max(5), ...LOAD });
    expect(preview.loading.when).toBe('fails');
    expect(preview.of('max')).toMatchObject({ origin: 'unknown', overridden: [{ reason: 'module-fails', value: 5 }] });
    expect(preview.of('buckets').overridden).toMatchObject([{ reason: 'refused-by-kernel' }]);
    expect(preview.findings[0]).toMatchObject({
      code: 'MODULE_FAILS_TO_LOAD',
      level: 'error',
      lines: [{ path: '/etc/modprobe.d/a.conf', line: 1 }],
    });
  });

  it('with blanks around the equals sign keep the module from loading too', () => {
    expect(boot({ '/etc/modprobe.d/a.conf': 'options nf_conntrack hashsize = 20000\n' }).loading.when).toBe('fails');
  });

  it('that are invalid on the command line are ignored if connection tracking is built in', () => {
    const preview = boot({}, { builtIn: true }, commandLine('nf_conntrack.hashsize=64k'));
    expect(preview.of('buckets')).toMatchObject({ origin: 'kernel-default', overridden: [{ reason: 'refused-by-kernel' }] });
    expect(preview.codes).toEqual(['COMMAND_LINE_INVALID']);
  });

  it('accumulate over continued lines, with dashes or underscores, and the last one is effective', () => {
    const text = 'options nf-conntrack hashsize=1024 \\\n  acct=1\noptions nf_conntrack tstamp=Y hashsize=4096\n';
    const preview = boot({ '/etc/modprobe.d/a.conf': text });
    expect(preview.of('buckets')).toMatchObject({
      value: 4096,
      effective: { line: 3 },
      overridden: [{ line: 1, reason: 'overridden-by-later-line', value: 1024 }],
    });
    expect(preview.of('acct')).toMatchObject({ value: 1, origin: 'file', effective: { line: 1 } });
    expect(preview.of('timestamp').value).toBe(1);
    expect(preview.of('expect_max')).toMatchObject({ value: 64, origin: 'derived' });
  });

  it('under a former name count only if the module is loaded by that name', () => {
    const options = { '/etc/modprobe.d/a.conf': 'options ip_conntrack hashsize=1024\n' };
    const preview = boot({ ...options, ...LOAD });
    expect(preview.of('buckets')).toMatchObject({ origin: 'kernel-default', overridden: [{ reason: 'other-module-name', value: 1024 }] });
    const modules = modulesOf({ nf_conntrack: [] }, { ip_conntrack: 'nf_conntrack' });
    expect(boot({ ...options, '/etc/modules-load.d/a.conf': 'ip_conntrack\n' }, {}, { modules }).of('buckets').value).toBe(1024);
  });

  it('have no effect in modprobe.conf, which kmod does not read', () => {
    const preview = boot({ '/etc/modprobe.conf': 'options nf_conntrack hashsize=1024\n' });
    expect(preview.of('buckets')).toMatchObject({ origin: 'kernel-default', overridden: [{ reason: 'not-read' }] });
    expect(preview.codes).toEqual(['MODPROBE_CONF_IGNORED']);
  });

  it('come from the copy in the initramfs if it loads the module', () => {
    const copy = { path: '/etc/modprobe.d/a.conf', content: { kind: 'text', text: 'options nf_conntrack hashsize=1024\n' } } as const;
    const list = { path: '/conf/modules', content: { kind: 'text', text: 'nf_conntrack\n' } } as const;
    const initramfs = { path: '/boot/initrd.img-6.1', files: [copy, list] };
    const preview = boot({ '/etc/modprobe.d/a.conf': 'options nf_conntrack hashsize=4096\n' }, {}, { initramfs });
    expect(preview.of('buckets').value).toBe(1024);
    expect(preview.loading.when).toBe('before-sysctl');
    expect(preview.codes).toContain('INITRAMFS_STALE');
  });
});

describe('loading', () => {
  it('skips a blacklisted module, but not a module that depends on it', () => {
    const blacklist = { '/etc/modprobe.d/b.conf': 'blacklist nf-conntrack\n' };
    expect(boot({ ...LOAD, ...blacklist }).loading.when).toBe('late');
    expect(boot({ '/etc/modules-load.d/a.conf': 'xt_conntrack\n', ...blacklist }).loading.when).toBe('before-sysctl');
  });

  it('fails for a module that this kernel does not have', () => {
    const modules = modulesOf({ nf_conntrack: [] });
    const preview = boot({ '/etc/modules-load.d/a.conf': 'nf_conntrack_ipv4\n' }, {}, { modules });
    expect(preview.loading.when).toBe('late');
    expect(preview.findings).toMatchObject([{ code: 'MODULES_LOAD_FAILS', lines: [{ path: '/etc/modules-load.d/a.conf', line: 1 }] }]);
  });

  it('leaves values unknown if it matters whether connection tracking is a module and that is unknown', () => {
    const preview = boot(
      { '/etc/modprobe.d/a.conf': 'options nf_conntrack hashsize=4096\n', '/etc/sysctl.d/a.conf': max(5), ...LOAD },
      { builtIn: null },
    );
    expect(preview.of('max').value).toBe(5);
    expect(preview.of('buckets').origin).toBe('unknown');
    expect(preview.findings.find(({ code }) => code === 'BOOT_UNKNOWN')?.settings).toEqual(['buckets', 'expect_max']);
  });
});

describe('sysctl values', () => {
  it.each([
    ['0777', 511, 'OCTAL_VALUE'],
    ['0x20', 32, undefined],
    ['11 # comment', 11, 'VALUE_CUT_SHORT'],
    ['300 400', 300, 'VALUE_CUT_SHORT'],
    ['0', 0, 'VALUE_DANGEROUS'],
  ])('%s are read as the kernel reads them', (text, value, code) => {
    const preview = boot({ '/etc/sysctl.d/a.conf': max(text), ...LOAD });
    expect(preview.of('max')).toMatchObject({ value, origin: 'file' });
    expect(preview.codes).toEqual(code === undefined ? [] : [code]);
  });

  it.each(['-1', '4294967296', '64k', '5,3', '08', '+5', ''])(
    'that the kernel refuses (%j) leave the earlier one, and the unit fails',
    (text) => {
      const preview = boot({ '/etc/sysctl.d/a.conf': max(7), '/etc/sysctl.d/b.conf': alias(text), ...LOAD });
      expect(preview.of('max')).toMatchObject({
        value: 7,
        effective: { path: '/etc/sysctl.d/a.conf' },
        overridden: [{ path: '/etc/sysctl.d/b.conf', reason: 'refused-by-kernel' }],
      });
      expect(preview.codes).toContain('SYSCTL_UNIT_FAILS');
    },
  );

  it('of -1 are accepted for a timeout, which is dangerous', () => {
    const preview = boot({ '/etc/sysctl.d/a.conf': 'net.netfilter.nf_conntrack_udp_timeout=-1\n', ...LOAD });
    expect(preview.of('udp_timeout').value).toBe(-1);
    expect(preview.findings).toMatchObject([{ code: 'VALUE_DANGEROUS', level: 'error' }]);
  });

  it('of a timeout have a maximum that depends on the HZ of the kernel', () => {
    const files = { '/etc/sysctl.d/a.conf': 'net.netfilter.nf_conntrack_udp_timeout=8589934\n', ...LOAD };
    expect(boot(files).of('udp_timeout').origin).toBe('unknown');
    expect(boot(files, {}, { ticksPerSecond: 250 }).of('udp_timeout').value).toBe(8_589_934);
    expect(boot(files, {}, { ticksPerSecond: 1000 }).of('udp_timeout')).toMatchObject({
      origin: 'kernel-default',
      overridden: [{ reason: 'refused-by-kernel' }],
    });
  });

  it('written with a colon are not an assignment', () => {
    const preview = boot({ '/etc/sysctl.d/a.conf': 'net.netfilter.nf_conntrack_max: 5\n', ...LOAD });
    expect(preview.of('max').origin).toBe('kernel-default');
    expect(preview.codes).toEqual(['LINE_NOT_UNDERSTOOD', 'SYSCTL_UNIT_FAILS']);
  });

  it('with a leading dash do not fail the unit', () => {
    expect(boot({ '/etc/sysctl.d/a.conf': '-net.netfilter.nf_conntrack_max = -5\n', ...LOAD }).codes).toEqual(['VALUE_OUT_OF_RANGE']);
  });

  it('for settings that the kernel does not have are reported and lost', () => {
    const preview = boot({ '/etc/sysctl.d/a.conf': 'net.netfilter.nf_conntrack_dccp_loose = 1\n', ...LOAD });
    expect(preview.of('dccp_loose')).toMatchObject({ origin: 'kernel-default', overridden: [{ reason: 'setting-absent', value: 1 }] });
  });
});

describe('sysctl files', () => {
  it('are read in the order of their names, and mask each other across directories', () => {
    const preview = boot({
      ...LOAD,
      '/etc/sysctl.d/20-b.conf': max(2),
      '/usr/local/lib/sysctl.d/30-c.conf': max(3),
      '/usr/lib/sysctl.d/30-c.conf': max(4),
      '/usr/lib/sysctl.d/10-a.conf': max(1),
      '/usr/lib/sysctl.d/40-d.conf': max(5),
      '/etc/sysctl.d/40-d.conf': { leadsTo: '/dev/null' },
      '/etc/sysctl.d/99-notes.txt': max(6),
    });
    expect(preview.of('max')).toMatchObject({ value: 3, effective: { path: '/usr/local/lib/sysctl.d/30-c.conf', line: 1 } });
    expect(Object.fromEntries(preview.of('max').overridden.map(({ path, reason }) => [path, reason]))).toEqual({
      '/usr/lib/sysctl.d/10-a.conf': 'overridden-by-later-line',
      '/etc/sysctl.d/20-b.conf': 'overridden-by-later-line',
      '/usr/lib/sysctl.d/30-c.conf': 'file-masked',
      '/usr/lib/sysctl.d/40-d.conf': 'file-masked',
      '/etc/sysctl.d/99-notes.txt': 'not-read',
    });
    expect(preview.codes).toEqual(['OVERRIDDEN']);
  });

  it('in /run may not exist at the next boot: values that depend on them are unknown, and they are named', () => {
    const preview = boot({ ...LOAD, '/etc/sysctl.d/20-b.conf': max(2), '/run/sysctl.d/30-c.conf': max(3) });
    expect(preview.of('max')).toMatchObject({ origin: 'unknown' });
    expect(preview.findings.find(({ code }) => code === 'BOOT_UNKNOWN')?.message).toMatch(/30-c\.conf will be written again/);
    const same = boot({ ...LOAD, '/etc/sysctl.d/20-b.conf': max(2), '/run/sysctl.d/10-a.conf': max(3) });
    expect(same.of('max')).toMatchObject({ value: 2 });
    expect(same.codes).not.toContain('BOOT_UNKNOWN');
  });

  it('keep a key that is repeated with the same value in its first place, unlike procps', () => {
    const preview = boot({
      ...LOAD,
      '/etc/sysctl.d/10.conf': max(100),
      '/etc/sysctl.d/20.conf': alias(200),
      '/etc/sysctl.d/30.conf': max(100),
    });
    expect(preview.of('max')).toMatchObject({
      value: 200,
      effective: { path: '/etc/sysctl.d/20.conf' },
      procps: { value: 100, effective: { path: '/etc/sysctl.d/30.conf' } },
    });
    expect(preview.of('max').overridden).toMatchObject([
      { path: '/etc/sysctl.d/30.conf', reason: 'repeats-earlier-value' },
      { path: '/etc/sysctl.d/10.conf', reason: 'overridden-by-later-line' },
    ]);
    expect(preview.codes).toContain('PROCPS_DIFFERS');
  });

  it('include /etc/sysctl.conf only through a link, and procps reads it last', () => {
    const conf = { '/etc/sysctl.conf': max(1), '/etc/sysctl.d/10-a.conf': max(2), '/etc/sysctl.d/99-a.conf': max(3), ...LOAD };
    const unlinked = boot(conf);
    expect(unlinked.of('max')).toMatchObject({ value: 3, procps: { value: 1 } });
    expect(unlinked.codes).toContain('SYSCTL_CONF_NOT_READ');
    const linked = boot({ ...conf, '/etc/sysctl.d/99-sysctl.conf': { leadsTo: '/etc/sysctl.conf' } });
    expect(linked.of('max')).toMatchObject({ value: 1, effective: { path: '/etc/sysctl.d/99-sysctl.conf' } });
    expect(linked.codes).not.toContain('SYSCTL_CONF_NOT_READ');
    expect(
      boot({ ...conf, '/etc/sysctl.d/99-sysctl.conf': { leadsTo: '/etc/sysctl.conf' }, '/etc/sysctl.d/99-zz.conf': max(4) }).of('max')
        .value,
    ).toBe(4);
  });

  it('give explicit keys and exclusions precedence over globs', () => {
    const glob = 'net.netfilter.nf_conntrack_*timeout* = 60\n';
    const preview = boot({
      ...LOAD,
      '/etc/sysctl.d/a.conf': `net.netfilter.nf_conntrack_udp_timeout = 5\n${glob}-net.netfilter.nf_conntrack_tcp_timeout_established\n`,
    });
    expect(preview.of('udp_timeout')).toMatchObject({ value: 5, overridden: [{ line: 2, reason: 'excluded' }] });
    expect(preview.of('tcp_timeout_established')).toMatchObject({
      origin: 'kernel-default',
      overridden: [{ line: 2, reason: 'excluded' }],
    });
  });

  it('accept dots, slashes, comments, CRLF and blanks', () => {
    const text = '# net.netfilter.nf_conntrack_max = 1\r\n;\r\n\t  net/netfilter/nf_conntrack_max\t=  7  \r\n';
    expect(boot({ ...LOAD, '/etc/sysctl.d/a.conf': text }).of('max')).toMatchObject({ value: 7, effective: { line: 3 } });
  });

  it('that cannot be read leave settings unknown unless a later file sets them', () => {
    const preview = boot({ ...LOAD, '/etc/sysctl.d/z.conf': max(5) });
    const files = {
      path: '/etc/sysctl.d',
      kind: 'sysctl.d',
      files: [{ path: '/etc/sysctl.d/a.conf', content: { kind: 'unreadable', reason: 'EACCES' } }],
    } as const;
    expect(preview.of('max').value).toBe(5);
    const blind = boot(LOAD, {}, { directories: [files] });
    expect(blind.of('max').origin).toBe('unknown');
    expect(blind.codes).toContain('FILE_UNREADABLE');
  });

  it('are read by procps if systemd is not the init system', () => {
    const preview = boot(
      { '/etc/modules': 'nf_conntrack\n', '/etc/sysctl.conf': max(1), '/etc/sysctl.d/99-zz.conf': max(2) },
      {},
      { init: 'other' },
    );
    expect(preview.loading).toMatchObject({ when: 'before-sysctl', sysctlBy: 'procps' });
    expect(preview.of('max')).toMatchObject({ value: 1, effective: { path: '/etc/sysctl.conf' } });
  });
});

describe('the legacy layout', () => {
  const legacy = { layout: 'ip_conntrack', live: ['buckets', 'max'], bucketsPerPage: 1, bucketsWritable: false, defaults: {} } as const;

  it('reads sysctl.conf and modprobe.conf', () => {
    const files = {
      '/etc/sysctl.conf': 'net.ipv4.netfilter.ip_conntrack_max = 1048576\n',
      '/etc/modprobe.conf': 'options ip_conntrack hashsize=131072\n',
    };
    const preview = boot(files, legacy);
    expect(preview.of('max')).toMatchObject({ value: 1_048_576, effective: { path: '/etc/sysctl.conf', line: 1 } });
    expect(preview.of('buckets')).toMatchObject({ value: 131_072, effective: { path: '/etc/modprobe.conf', line: 1 } });
    expect(preview.loading.sysctlBy).toBe('procps');
  });

  it('sets max to 8 x the hashsize if nothing else sets it', () => {
    expect(boot({ '/etc/modprobe.conf': 'options ip_conntrack hashsize=1000\n' }, legacy).of('max')).toMatchObject({
      value: 8000,
      origin: 'derived',
    });
  });
});
