import { describe, expect, it } from 'vitest';
import { bootOfTree, LOAD, SYSCTL_MAX, unit } from './boot-of-tree.ts';

describe('ufw', () => {
  const UNIT = '[Unit]\nDefaultDependencies=no\nBefore=network-pre.target\n';
  const UFW = {
    '/usr/lib/systemd/system/ufw.service': UNIT,
    '/etc/ufw/ufw.conf': 'ENABLED=yes\nLOGLEVEL=low\n',
    '/etc/default/ufw': '# defaults\nIPT_SYSCTL=/etc/ufw/sysctl.conf\n',
    '/etc/ufw/sysctl.conf': '# net/netfilter/nf_conntrack_max=1\nnet/ipv4/conf/all/rp_filter=1\nnet/netfilter/nf_conntrack_max=50000\n',
  };
  const enabled = ['ufw.service'];

  it('sets a value that nothing else sets, whenever it runs', async () => {
    const preview = await bootOfTree(UFW, { enabled });
    expect(preview.of('max')).toMatchObject({ value: 50_000, origin: 'file', effective: { path: '/etc/ufw/sysctl.conf', line: 3 } });
    expect(preview.findings).toMatchObject([{ code: 'ALSO_SET', level: 'information', settings: ['max'] }]);
  });

  it('makes a value unknown that sysctl.d sets too, because the two are not ordered', async () => {
    for (const files of [
      { ...UFW, ...SYSCTL_MAX, ...LOAD },
      { ...UFW, ...SYSCTL_MAX },
    ]) {
      const { max, preview } = await bootOfTree(files, { enabled }).then((each) => ({ max: each.of('max'), preview: each }));
      expect(max.origin).toBe('unknown');
      expect(max.alsoSetBy).toMatchObject([{ program: 'ufw', path: '/etc/ufw/sysctl.conf', line: 3, value: 50_000 }]);
      expect(preview.findings.find(({ code, level }) => code === 'ALSO_SET' && level === 'warning')?.message).toContain(
        'ufw (/etc/ufw/sysctl.conf:3)',
      );
    }
  });

  it.each([
    ['is off', { '/etc/ufw/ufw.conf': 'ENABLED=no\n' }, enabled],
    ['is not started', {}, []],
    ['has no sysctl file', { '/etc/default/ufw': '#IPT_SYSCTL=/etc/ufw/sysctl.conf\n' }, enabled],
  ])('sets nothing if it %s', async (_, files, units) => {
    expect((await bootOfTree({ ...UFW, ...LOAD, ...SYSCTL_MAX, ...files }, { enabled: units })).of('max').value).toBe(100_000);
  });

  it('uses another file if it is configured', async () => {
    const preview = await bootOfTree(
      { ...UFW, '/etc/default/ufw': 'IPT_SYSCTL="/etc/my.conf"\n', '/etc/my.conf': 'net.netfilter.nf_conntrack_max = 7\n' },
      { enabled },
    );
    expect(preview.of('max')).toMatchObject({ value: 7, effective: { path: '/etc/my.conf' } });
  });
});

describe('a udev rule for the module', () => {
  const ON_LOAD = 'ACTION=="add", SUBSYSTEM=="module", KERNEL=="nf_conntrack", ';

  it.each([
    ['sysctl with a value', 'RUN+="/sbin/sysctl -w net.netfilter.nf_conntrack_max=100000"'],
    ['sysctl with a value and slashes', 'RUN+="/usr/sbin/sysctl net/netfilter/nf_conntrack_max=100000"'],
    ['sysctl --system', 'RUN+="/sbin/sysctl --system"'],
    ['sysctl -p with a file', 'RUN+="/sbin/sysctl -q -p /etc/sysctl.d/50-site.conf"'],
    ['sysctl --load with a file', 'RUN+="/sbin/sysctl --load=/etc/sysctl.d/50-site.conf"'],
    ['sysctl --system with a pattern', 'RUN+="/sbin/sysctl --system --pattern nf_conntrack"'],
    ['systemd-sysctl with a dotted prefix', 'RUN+="/usr/lib/systemd/systemd-sysctl --prefix=net.netfilter"'],
    ['systemd-sysctl with a prefix as next word', 'RUN+="/lib/systemd/systemd-sysctl --prefix /net/netfilter"'],
    ['systemd-sysctl with a file', 'RUN+="/lib/systemd/systemd-sysctl /etc/sysctl.d/50-site.conf"'],
    ['systemd-sysctl with the name of a file', 'RUN+="/lib/systemd/systemd-sysctl 50-site.conf"'],
    ['a shell', `RUN+="/bin/sh -c 'sleep 1; /sbin/sysctl -w net.netfilter.nf_conntrack_max=100000'"`],
    ['a shell that writes to the file', `RUN+="/bin/sh -c 'echo 100000 > /proc/sys/net/netfilter/nf_conntrack_max'"`],
    ['SYSCTL{}', 'SYSCTL{net/netfilter/nf_conntrack_max}="100000"'],
    ['SYSCTL{} with dots', 'SYSCTL{net.netfilter.nf_conntrack_max}="100000"'],
    ['a script', 'RUN+="/usr/local/sbin/tune"'],
  ])('keeps the value with %s', async (_, action) => {
    const preview = await bootOfTree({
      ...SYSCTL_MAX,
      '/etc/udev/rules.d/50-conntrack.rules': `${ON_LOAD}${action}\n`,
      '/usr/local/sbin/tune': '#!/bin/sh\nsysctl -w net.netfilter.nf_conntrack_max=100000\n',
    });
    expect(preview.of('max')).toMatchObject({ value: 100_000, origin: 'file' });
    expect(preview.findings).toEqual([]);
  });

  it.each([
    ['a prefix below /proc/sys, which matches nothing', 'RUN+="/lib/systemd/systemd-sysctl --prefix=/proc/sys/net/netfilter"'],
    ['another prefix', 'RUN+="/lib/systemd/systemd-sysctl --prefix=/net/bridge"'],
    ['another pattern', 'RUN+="/sbin/sysctl --system --pattern bridge"'],
    ['another file', 'RUN+="/sbin/sysctl -p /etc/other.conf"'],
    ['sysctl without a path, which udev does not find', 'RUN+="sysctl --system"'],
    ['a redirection without a shell', 'RUN+="/bin/echo 100000 > /proc/sys/net/netfilter/nf_conntrack_max"'],
    ['a query', 'RUN+="/sbin/sysctl net.netfilter.nf_conntrack_max"'],
  ])('loses it with %s', async (_, action) => {
    const preview = await bootOfTree({ ...SYSCTL_MAX, '/etc/udev/rules.d/50-conntrack.rules': `${ON_LOAD}${action}\n` });
    expect(preview.of('max')).toMatchObject({ value: 8192, origin: 'kernel-default', overridden: [{ reason: 'module-loads-late' }] });
  });

  it('sizes the table with ATTR{parameters/hashsize}, without changing max', async () => {
    const preview = await bootOfTree({ '/etc/udev/rules.d/a.rules': `${ON_LOAD}ATTR{parameters/hashsize}="16384"\n` });
    expect(preview.of('buckets')).toMatchObject({
      value: 16_384,
      origin: 'file',
      effective: { path: '/etc/udev/rules.d/a.rules', line: 1 },
    });
    expect(preview.of('max').value).toBe(8192);
  });

  it('for another event may set the value at any time', async () => {
    const rule = {
      '/etc/udev/rules.d/a.rules': 'ACTION=="add", SUBSYSTEM=="net", RUN+="/sbin/sysctl -w net.netfilter.nf_conntrack_max=5"\n',
    };
    const preview = await bootOfTree({ ...SYSCTL_MAX, ...LOAD, ...rule });
    expect(preview.of('max')).toMatchObject({ origin: 'unknown', alsoSetBy: [{ program: 'udev', value: 5 }] });
    expect((await bootOfTree({ ...SYSCTL_MAX, ...rule })).findings.map(({ code, level }) => `${code} ${level}`)).not.toContain(
      'SYSCTL_LOST_MODULE_LATE error',
    );
    const removal = {
      '/etc/udev/rules.d/a.rules': 'ACTION=="remove", SUBSYSTEM=="net", RUN+="/sbin/sysctl -w net.netfilter.nf_conntrack_max=5"\n',
    };
    expect((await bootOfTree({ ...SYSCTL_MAX, ...LOAD, ...removal })).of('max').value).toBe(100_000);
  });
});

describe('an install line', () => {
  const FIREWALLD =
    "install nf_conntrack /usr/sbin/modprobe --ignore-install nf_conntrack $CMDLINE_OPTS && /usr/sbin/sysctl --quiet --pattern 'net[.]netfilter[.]nf_conntrack.*' --system\n";

  it('of firewalld keeps the values of sysctl.d when the module is loaded late', async () => {
    const preview = await bootOfTree({ ...SYSCTL_MAX, '/usr/lib/modprobe.d/firewalld-sysctls.conf': FIREWALLD });
    expect(preview.of('max')).toMatchObject({ value: 100_000, origin: 'file', effective: { path: '/etc/sysctl.d/50-site.conf', line: 1 } });
    expect(preview.of('udp_timeout').origin).toBe('kernel-default');
    expect(preview.findings).toEqual([]);
  });

  it('of firewalld does not reach the alias of max', async () => {
    const preview = await bootOfTree({
      '/etc/sysctl.d/a.conf': 'net.nf_conntrack_max = 100000\n',
      '/usr/lib/modprobe.d/firewalld-sysctls.conf': FIREWALLD,
    });
    expect(preview.of('max')).toMatchObject({ value: 8192, overridden: [{ reason: 'module-loads-late' }] });
  });

  it('of firewalld does not reach a key with slashes', async () => {
    const preview = await bootOfTree({
      '/etc/sysctl.d/a.conf': 'net/netfilter/nf_conntrack_max = 100000\n',
      '/usr/lib/modprobe.d/firewalld-sysctls.conf': FIREWALLD,
    });
    expect(preview.of('max')).toMatchObject({ value: 8192, overridden: [{ reason: 'module-loads-late' }] });
  });

  it('of firewalld does not see what comes after a NUL', async () => {
    const preview = await bootOfTree({
      '/etc/sysctl.d/a.conf': 'net.nf_conntrack_max = 100000\0net.netfilter.nf_conntrack_max = 5\n',
      '/usr/lib/modprobe.d/firewalld-sysctls.conf': FIREWALLD,
    });
    expect(preview.of('max').value).toBe(8192);
  });

  it('of firewalld keeps the hashsize of an options line', async () => {
    const preview = await bootOfTree({
      '/etc/modprobe.d/a.conf': 'options nf_conntrack hashsize=16384\n',
      '/usr/lib/modprobe.d/f.conf': FIREWALLD,
    });
    expect(preview.of('buckets').value).toBe(16_384);
  });

  it.each([
    ['sets a value', 'install nf_conntrack /sbin/modprobe -i nf-conntrack; /sbin/sysctl -w net.netfilter.nf_conntrack_max=7', 7],
    [
      'sets a computed value',
      'install nf_conntrack /sbin/modprobe -i nf_conntrack; /sbin/sysctl -w net.netfilter.nf_conntrack_max=$N',
      undefined,
    ],
    ['runs a script', 'install nf_conntrack /sbin/modprobe -i nf_conntrack && /usr/local/sbin/tune', undefined],
  ])('that %s', async (_, line, value) => {
    const preview = await bootOfTree({ '/etc/modprobe.d/a.conf': `${line}\n` });
    expect(preview.of('max').value).toBe(value);
    expect(preview.of('max').origin).toBe(value === undefined ? 'unknown' : 'file');
  });
});

describe('tuned', () => {
  const PROFILE = {
    '/usr/lib/systemd/system/tuned.service': unit('ExecStart=/usr/sbin/tuned -l -P'),
    '/etc/tuned/active_profile': 'site\n',
    '/etc/tuned/site/tuned.conf':
      '[main]\nsummary=Site\ninclude=throughput-performance\n\n[sysctl]\nnet.netfilter.nf_conntrack_max=300000\n',
    '/usr/lib/tuned/throughput-performance/tuned.conf':
      '[sysctl]\nvm.swappiness=10\nnet.netfilter.nf_conntrack_udp_timeout=40\nnet.netfilter.nf_conntrack_max=200000\n',
  };
  const enabled = ['tuned.service'];

  it('sets the values of the active profile and of those it includes', async () => {
    const preview = await bootOfTree({ ...PROFILE, ...LOAD }, { enabled });
    expect(preview.of('max')).toMatchObject({ value: 300_000, effective: { path: '/etc/tuned/site/tuned.conf', line: 6 } });
    expect(preview.of('udp_timeout')).toMatchObject({ value: 40, effective: { path: '/usr/lib/tuned/throughput-performance/tuned.conf' } });
  });

  it('leaves the values that files in /etc/sysctl.d set', async () => {
    const preview = await bootOfTree({ ...PROFILE, ...LOAD, ...SYSCTL_MAX }, { enabled });
    expect(preview.of('max')).toMatchObject({ value: 100_000, effective: { path: '/etc/sysctl.d/50-site.conf' } });
    const off = { '/etc/tuned/tuned-main.conf': 'daemon = 1\nreapply_sysctl = 0\n' };
    expect((await bootOfTree({ ...PROFILE, ...LOAD, ...SYSCTL_MAX, ...off }, { enabled })).of('max').value).toBe(300_000);
  });

  it('may set the values of sysctl.d again if the module is loaded late, so they are not reported as lost', async () => {
    const preview = await bootOfTree({ ...PROFILE, ...SYSCTL_MAX }, { enabled });
    expect(preview.of('max')).toMatchObject({ origin: 'unknown', alsoSetBy: [{ program: 'tuned' }, { program: 'tuned' }] });
    expect(preview.findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect(preview.findings).toContainEqual(
      expect.objectContaining({ code: 'SYSCTL_LOST_MODULE_LATE', level: 'warning', settings: ['max'] }),
    );
  });

  it('sets the buckets with nf_conntrack_hashsize', async () => {
    const files = { ...PROFILE, ...LOAD, '/etc/tuned/site/tuned.conf': '[net]\nnf_conntrack_hashsize=16384\n' };
    expect((await bootOfTree(files, { enabled })).of('buckets')).toMatchObject({ value: 16_384, effective: { line: 2 } });
  });

  it('makes a value unknown that it computes', async () => {
    const files = { ...PROFILE, ...LOAD, '/etc/tuned/site/tuned.conf': '[sysctl]\nnet.netfilter.nf_conntrack_max=${f:calc}\n' };
    expect((await bootOfTree(files, { enabled })).of('max')).toMatchObject({
      origin: 'unknown',
      alsoSetBy: [{ program: 'tuned', line: 2 }],
    });
  });

  it('sets nothing if it is not enabled', async () => {
    expect((await bootOfTree({ ...PROFILE, ...LOAD })).of('max')).toMatchObject({ origin: 'kernel-default' });
  });
});
