import { describe, expect, it } from 'vitest';
import { bootOfTree, LOAD, SYSCTL_MAX, unit } from './boot-of-tree.ts';

const KERNEL_WITH_TIMEOUTS = {
  live: ['buckets', 'max', 'tcp_timeout_close_wait', 'tcp_timeout_established', 'tcp_timeout_syn_recv', 'udp_timeout'],
};

describe('a unit that calls sysctl', () => {
  const enabled = ['tune.service'];
  const withUnit = (text: string): Record<string, string> => ({ '/usr/lib/systemd/system/tune.service': text });
  const SET = 'ExecStart=/sbin/sysctl -w net.netfilter.nf_conntrack_max=7';

  it('after sysctls are set decides the value', async () => {
    const preview = await bootOfTree({ ...SYSCTL_MAX, ...LOAD, ...withUnit(unit(SET)) }, { enabled });
    expect(preview.of('max')).toMatchObject({
      value: 7,
      effective: {
        path: '/etc/systemd/system/multi-user.target.wants/tune.service'.replace(/.*/, preview.of('max').effective?.path ?? ''),
      },
    });
    expect(preview.of('max').alsoSetBy).toMatchObject([{ program: 'tune.service', value: 7 }]);
  });

  it.each([
    ['several values', 'ExecStart=/sbin/sysctl -q net.netfilter.nf_conntrack_udp_timeout=9 net.netfilter.nf_conntrack_max=7'],
    ['a shell', `ExecStart=/bin/bash -c "echo 7 > /proc/sys/net/netfilter/nf_conntrack_max"`],
    ['a pipe to tee', `ExecStartPost=-/bin/sh -c 'echo 7 | tee /proc/sys/net/netfilter/nf_conntrack_max'`],
    ['a file outside sysctl.d', 'ExecStartPre=-/sbin/sysctl -p /opt/app/sysctl.conf'],
    ['a script', 'ExecStart=/opt/app/tune.sh'],
  ])('with %s decides it too, or makes it unknown', async (_, command) => {
    const preview = await bootOfTree(
      {
        ...LOAD,
        ...withUnit(unit(command)),
        '/opt/app/sysctl.conf': 'net.netfilter.nf_conntrack_max = 7\n',
        '/opt/app/tune.sh': '#!/bin/sh\nset -e\nsysctl -w net.netfilter.nf_conntrack_max=7\n',
      },
      { enabled },
    );
    expect([7, undefined]).toContain(preview.of('max').value);
    expect(preview.of('max').alsoSetBy).toMatchObject([{ value: 7 }]);
  });

  it('with sysctl --system may rescue the values of a module that is loaded late', async () => {
    const preview = await bootOfTree({ ...SYSCTL_MAX, ...withUnit(unit('ExecStart=/sbin/sysctl --system')) }, { enabled });
    expect(preview.of('max')).toMatchObject({ origin: 'unknown', alsoSetBy: [{ program: 'tune.service', value: 100_000 }] });
    expect(preview.findings.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('with sysctl --system changes nothing if the module is loaded in time', async () => {
    const preview = await bootOfTree({ ...SYSCTL_MAX, ...LOAD, ...withUnit(unit('ExecStart=/sbin/sysctl --system')) }, { enabled });
    expect(preview.of('max').value).toBe(100_000);
    expect(preview.findings).toEqual([]);
  });

  it('without an order makes the value unknown', async () => {
    const text = unit(SET).replace('Description=Tuning', 'DefaultDependencies=no');
    expect((await bootOfTree({ ...SYSCTL_MAX, ...LOAD, ...withUnit(text) }, { enabled })).of('max').origin).toBe('unknown');
  });

  it('in a drop-in of an enabled unit counts', async () => {
    const files = {
      ...LOAD,
      ...withUnit(unit('ExecStart=/bin/true')),
      '/etc/systemd/system/tune.service.d/x.conf': `[Service]\n${SET.replace('ExecStart', 'ExecStartPre')}\n`,
    };
    expect((await bootOfTree(files, { enabled })).of('max')).toMatchObject({ value: 7, alsoSetBy: [{ program: 'tune.service' }] });
  });

  it('sets nothing if it is not enabled, or only reads', async () => {
    expect((await bootOfTree({ ...SYSCTL_MAX, ...LOAD, ...withUnit(unit(SET)) })).of('max').value).toBe(100_000);
    const reading = withUnit(unit('ExecStart=/sbin/sysctl -n net.netfilter.nf_conntrack_max', 'ExecStart=/usr/sbin/conntrack -E'));
    expect((await bootOfTree({ ...SYSCTL_MAX, ...LOAD, ...reading }, { enabled })).findings).toEqual([]);
  });
});

describe('a boot script', () => {
  const RC = '#!/bin/sh -e\nsysctl -w net.netfilter.nf_conntrack_max=7\nexit 0\n';

  it('rc.local that is executable decides the value', async () => {
    const preview = await bootOfTree({ ...SYSCTL_MAX, ...LOAD, '/etc/rc.local': RC }, { executable: ['/etc/rc.local'] });
    expect(preview.of('max')).toMatchObject({ value: 7, effective: { path: '/etc/rc.local', line: 2 } });
  });

  it('rc.local that is not executable, or exits before, sets nothing', async () => {
    expect((await bootOfTree({ ...SYSCTL_MAX, ...LOAD, '/etc/rc.local': RC })).of('max').value).toBe(100_000);
    const late = { '/etc/rc.local': '#!/bin/sh\nexit 0\nsysctl -w net.netfilter.nf_conntrack_max=7\n' };
    expect((await bootOfTree({ ...SYSCTL_MAX, ...LOAD, ...late }, { executable: ['/etc/rc.local'] })).of('max').value).toBe(100_000);
  });

  it.each([
    ['with a condition', '#!/bin/sh\nif true; then\n  sysctl -w net.netfilter.nf_conntrack_max=7\nfi\n'],
    ['with a variable', '#!/bin/sh\nsysctl -w net.netfilter.nf_conntrack_max=$((2 * 7))\n'],
    ['after a test', '#!/bin/sh\n[ -e /x ] && sysctl -w net.netfilter.nf_conntrack_max=7\n'],
  ])('rc.local %s makes the value unknown', async (_, text) => {
    const preview = await bootOfTree({ ...SYSCTL_MAX, ...LOAD, '/etc/rc.local': text }, { executable: ['/etc/rc.local'] });
    expect(preview.of('max')).toMatchObject({ origin: 'unknown', alsoSetBy: [{ program: 'rc.local' }] });
  });

  it.each([
    ['/etc/cron.d/tune', '@reboot root /sbin/sysctl -w net.netfilter.nf_conntrack_max=7\n'],
    ['/etc/network/interfaces', 'iface eth0 inet dhcp\n  post-up sysctl -w net.netfilter.nf_conntrack_max=7\n'],
    [
      '/etc/cloud/cloud.cfg.d/99-tune.cfg',
      '#cloud-config\nbootcmd:\n  - [ sysctl, -w, "net.netfilter.nf_conntrack_max=7" ]\nruncmd:\n  - sysctl -w net.netfilter.nf_conntrack_max=9\n',
    ],
    ['/var/lib/cloud/instance/user-data.txt', '#cloud-config\nbootcmd:\n- sysctl -w net.netfilter.nf_conntrack_max=7\n'],
    ['/etc/NetworkManager/dispatcher.d/50-tune', '#!/bin/sh\nsysctl -w net.netfilter.nf_conntrack_max=7\n'],
    ['/run/sysctl/10-vyos-conntrack.conf', 'net.netfilter.nf_conntrack_max=7\n'],
  ])('%s is named', async (path, text) => {
    const preview = await bootOfTree({ ...SYSCTL_MAX, ...LOAD, [path]: text }, { executable: [path] });
    expect(preview.of('max').alsoSetBy).toMatchObject([{ path, value: 7 }]);
    expect(preview.of('max').value).not.toBe(100_000);
  });

  it('of cloud-init that runs once for an instance sets nothing at the next boot', async () => {
    const files = { '/var/lib/cloud/instance/user-data.txt': '#cloud-config\nruncmd:\n - sysctl -w net.netfilter.nf_conntrack_max=9\n' };
    expect((await bootOfTree({ ...SYSCTL_MAX, ...LOAD, ...files })).findings).toEqual([]);
  });
});

describe('tmpfiles.d', () => {
  const HASHSIZE = { '/etc/tmpfiles.d/conntrack.conf': 'w /sys/module/nf_conntrack/parameters/hashsize - - - - 16384\n' };

  it('sizes the table if connection tracking is built in', async () => {
    const preview = await bootOfTree(HASHSIZE, { kernel: { builtIn: true } });
    expect(preview.of('buckets')).toMatchObject({ value: 16_384, effective: { path: '/etc/tmpfiles.d/conntrack.conf', line: 1 } });
  });

  it('has no effect if the module is loaded late, and is uncertain if it is loaded at boot', async () => {
    expect((await bootOfTree(HASHSIZE)).of('buckets')).toMatchObject({ value: 8192, overridden: [{ reason: 'module-loads-late' }] });
    expect((await bootOfTree({ ...HASHSIZE, ...LOAD })).of('buckets')).toMatchObject({ origin: 'unknown', alsoSetBy: [{ value: 16_384 }] });
  });

  it.each(['w', 'w+', 'w!', 'w-', 'w+!'])('line of type %s writes', async (type) => {
    const files = { '/usr/lib/tmpfiles.d/a.conf': `${type} /proc/sys/net/netfilter/nf_conntrack_max - - - - 7\n` };
    expect((await bootOfTree(files, { kernel: { builtIn: true } })).of('max').value).toBe(7);
  });

  it('line of another type, or in a masked file, does not', async () => {
    const files = {
      '/usr/lib/tmpfiles.d/a.conf': 'w /proc/sys/net/netfilter/nf_conntrack_max - - - - 7\n',
      '/etc/tmpfiles.d/a.conf': 'd /run/x 0755 root root\nz /proc/sys/net/netfilter/nf_conntrack_max 0644\n',
    };
    expect((await bootOfTree(files, { kernel: { builtIn: true } })).findings).toEqual([]);
  });
});

describe('iptables-services', () => {
  const CONFIG = {
    '/etc/sysconfig/iptables-config': 'IPTABLES_MODULES="nf_conntrack_ftp"\nIPTABLES_SYSCTL_LOAD_LIST=".nf_conntrack .bridge-nf"\n',
  };
  const enabled = ['iptables.service'];

  it('sets the values of its list again once it has loaded its modules', async () => {
    const preview = await bootOfTree({ ...SYSCTL_MAX, ...CONFIG }, { enabled });
    expect(preview.of('max')).toMatchObject({ value: 100_000, effective: { path: '/etc/sysctl.d/50-site.conf' } });
    expect(preview.findings.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('may do so without modules, and sets nothing without a list', async () => {
    const noModules = { '/etc/sysconfig/iptables-config': 'IPTABLES_SYSCTL_LOAD_LIST=".nf_conntrack"\n' };
    expect((await bootOfTree({ ...SYSCTL_MAX, ...noModules }, { enabled })).of('max').origin).toBe('unknown');
    const empty = { '/etc/sysconfig/iptables-config': 'IPTABLES_SYSCTL_LOAD_LIST=""\n#IPTABLES_SYSCTL_LOAD_LIST=".nf_conntrack"\n' };
    expect((await bootOfTree({ ...SYSCTL_MAX, ...empty }, { enabled })).of('max')).toMatchObject({ value: 8192, origin: 'kernel-default' });
  });
});

describe('kube-proxy', () => {
  const k3s = (...options: readonly string[]): Record<string, string> => ({
    '/usr/lib/systemd/system/k3s.service': unit(
      'ExecStartPre=-/sbin/modprobe br_netfilter',
      `ExecStart=/usr/local/bin/k3s server ${options.join(' ')}`,
    ),
  });
  const host = { enabled: ['k3s.service'], kernel: KERNEL_WITH_TIMEOUTS };

  it('in k3s sets timeouts to its defaults, and max by the number of processors', async () => {
    const preview = await bootOfTree({ ...SYSCTL_MAX, ...LOAD, ...k3s() }, host);
    expect(preview.of('tcp_timeout_established')).toMatchObject({ value: 86_400, origin: 'file' });
    expect(preview.of('tcp_timeout_close_wait').value).toBe(3_600);
    expect(preview.of('max')).toMatchObject({ origin: 'unknown', alsoSetBy: [{ program: 'kube-proxy' }] });
    expect(preview.of('udp_timeout').origin).toBe('kernel-default');
  });

  it('obeys its arguments and its configuration', async () => {
    const files = {
      ...SYSCTL_MAX,
      ...LOAD,
      ...k3s(),
      '/etc/rancher/k3s/config.yaml':
        'kube-proxy-arg:\n  - conntrack-max-per-core=0\n  - conntrack-min=0\n  - "conntrack-tcp-timeout-established=2h"\n  - conntrack-udp-timeout=45s\n',
    };
    const preview = await bootOfTree(files, host);
    expect(preview.of('max').value).toBe(100_000);
    expect(preview.of('tcp_timeout_established')).toMatchObject({
      value: 7_200,
      effective: { path: '/etc/rancher/k3s/config.yaml', line: 4 },
    });
    expect(preview.of('udp_timeout').value).toBe(45);
  });

  it('sets nothing if k3s is told not to run it, or is not enabled', async () => {
    expect((await bootOfTree({ ...SYSCTL_MAX, ...LOAD, ...k3s('--disable-kube-proxy') }, host)).of('max').value).toBe(100_000);
    expect((await bootOfTree({ ...SYSCTL_MAX, ...LOAD, ...k3s() }, { kernel: KERNEL_WITH_TIMEOUTS })).of('max').value).toBe(100_000);
  });
});

describe('the firewall of Proxmox', () => {
  const ON = {
    '/etc/pve/firewall/cluster.fw': '[OPTIONS]\nenable: 1\n',
    '/usr/lib/systemd/system/pve-firewall.service': unit('ExecStart=/usr/sbin/pve-firewall start'),
  };
  const host = { enabled: ['pve-firewall.service'], kernel: KERNEL_WITH_TIMEOUTS };

  it('sets max and timeouts from host.fw, and its own defaults', async () => {
    const preview = await bootOfTree(
      {
        ...ON,
        ...SYSCTL_MAX,
        '/etc/pve/local/host.fw': '[OPTIONS]\nnf_conntrack_max: 1000000\nnf_conntrack_tcp_timeout_established: 7875\n',
      },
      host,
    );
    expect(preview.of('max')).toMatchObject({ value: 1_007_616, effective: { path: '/etc/pve/local/host.fw', line: 2 } });
    expect(preview.of('tcp_timeout_established').value).toBe(7_875);
    expect(preview.of('tcp_timeout_syn_recv').value).toBe(60);
    expect(
      (await bootOfTree({ ...ON, ...SYSCTL_MAX, '/etc/pve/local/host.fw': '[OPTIONS]\nnf_conntrack_max: 1000\n' }, host)).of('max').value,
    ).toBe(262_144);
  });

  it('sets nothing while it is off', async () => {
    const off = { ...ON, '/etc/pve/firewall/cluster.fw': '[OPTIONS]\nenable: 0\n' };
    expect((await bootOfTree({ ...off, ...SYSCTL_MAX, ...LOAD }, host)).findings).toEqual([]);
  });
});

describe('sysfsutils', () => {
  it('sizes the table after sysctls are set', async () => {
    const files = {
      '/etc/sysfs.d/a.conf': 'module/nf_conntrack/parameters/hashsize = 16384\n',
      '/usr/lib/systemd/system/sysfsutils.service': unit(),
    };
    expect((await bootOfTree({ ...files, ...LOAD }, { enabled: ['sysfsutils.service'] })).of('buckets').value).toBe(16_384);
    expect((await bootOfTree(files, { enabled: ['sysfsutils.service'] })).of('buckets').origin).toBe('unknown');
  });
});

describe('the credential sysctl.extra', () => {
  const UNITS = {
    '/usr/lib/systemd/system/sysinit.target': '[Unit]\n',
    '/usr/lib/systemd/system/sysinit.target.wants/systemd-sysctl.service': '',
    '/usr/lib/systemd/system/systemd-sysctl.service': '[Service]\nExecStart=/usr/lib/systemd/systemd-sysctl\nLoadCredential=sysctl.extra\n',
    '/usr/lib/systemd/system/sysinit.target.wants/systemd-modules-load.service': '',
    '/usr/lib/systemd/system/systemd-modules-load.service': '[Service]\nExecStart=/usr/lib/systemd/systemd-modules-load\n',
  };
  const EXTRA = { '/etc/credstore/sysctl.extra': 'net.netfilter.nf_conntrack_max = 7\n' };

  it('is read after all files', async () => {
    const preview = await bootOfTree({ ...UNITS, ...SYSCTL_MAX, ...LOAD, ...EXTRA });
    expect(preview.of('max')).toMatchObject({ value: 7, effective: { path: '/etc/credstore/sysctl.extra', line: 1 } });
  });

  it('on the kernel command line is read too', async () => {
    const line = { '/proc/cmdline': 'quiet systemd.set_credential=sysctl.extra:net.netfilter.nf_conntrack_max=7\n' };
    expect((await bootOfTree({ ...UNITS, ...SYSCTL_MAX, ...LOAD, ...line })).of('max').value).toBe(7);
  });

  it('is searched for wrong keys, which no line of a file that is not read withdraws', async () => {
    const wrong = { '/etc/credstore/sysctl.extra': 'net.ipv4.ip_conntrack_max = 7\n' };
    const unread = { '/etc/sysctl.conf': '-net.ipv4.ip_conntrack_max\n' };
    const preview = await bootOfTree({ ...UNITS, ...LOAD, ...wrong, ...unread });
    expect(preview.findings).toMatchObject([{ code: 'SYSCTL_KEY_UNKNOWN', lines: [{ path: '/etc/credstore/sysctl.extra', line: 1 }] }]);
  });

  it('has no effect if the service does not ask for it', async () => {
    const old = { '/usr/lib/systemd/system/systemd-sysctl.service': '[Service]\nExecStart=/usr/lib/systemd/systemd-sysctl\n' };
    expect((await bootOfTree({ ...UNITS, ...SYSCTL_MAX, ...LOAD, ...EXTRA, ...old })).of('max').value).toBe(100_000);
  });
});

describe('a list of modules', () => {
  it('of OpenWrt loads the module before sysctls are set', async () => {
    const files = {
      '/etc/modules.d/42-nf-conntrack': 'nf_conntrack\n',
      '/etc/sysctl.d/11-nf-conntrack.conf': 'net.netfilter.nf_conntrack_max=16384\n',
    };
    const preview = await bootOfTree(files, { init: 'other' });
    expect(preview.of('max').value).toBe(16_384);
    expect(preview.loading).toMatchObject({ when: 'before-sysctl', by: { path: '/etc/modules.d/42-nf-conntrack' } });
    expect((await bootOfTree(files)).loading.when).toBe('late');
  });

  it('in /etc/modules.conf has no options', async () => {
    const preview = await bootOfTree({ '/etc/modules.conf': 'options nf_conntrack hashsize=1024\n' });
    expect(preview.of('buckets')).toMatchObject({ value: 8192, overridden: [{ reason: 'not-read' }] });
    expect(preview.codes).toEqual(['MODPROBE_CONF_IGNORED']);
  });
});
