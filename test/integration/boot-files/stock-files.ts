/**
 * Hosts as distributions install them: files with the facts that matter to connection tracking, and others that are not to be mistaken for
 * them. The texts are not those of the distributions.
 */
export interface StockHost {
  readonly files: Readonly<Record<string, string>>;
  readonly init?: 'systemd' | 'other';
  readonly enabled?: readonly string[];
  readonly executable?: readonly string[];
  /** What becomes of a line of sysctl.d for max if nothing else is configured. */
  readonly sysctlOnly: 'kept' | 'lost' | 'unknown';
  /** Codes of findings that are true on such a host without any configuration by the operator. */
  readonly findings?: readonly string[];
}

const unit = (...lines: readonly string[]): string => ['[Unit]', 'Description=Stock', ...lines, ''].join('\n');

const SYSTEMD = {
  '/usr/lib/systemd/system/sysinit.target': unit(),
  '/usr/lib/systemd/system/sysinit.target.wants/systemd-sysctl.service': '',
  '/usr/lib/systemd/system/sysinit.target.wants/systemd-modules-load.service': '',
  '/usr/lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service': '',
  '/usr/lib/systemd/system/systemd-sysctl.service': unit(
    'DefaultDependencies=no',
    '[Service]',
    'ExecStart=/usr/lib/systemd/systemd-sysctl',
    'LoadCredential=sysctl.extra',
  ),
  '/usr/lib/systemd/system/systemd-modules-load.service': unit(
    'DefaultDependencies=no',
    '[Service]',
    'ExecStart=/usr/lib/systemd/systemd-modules-load',
  ),
  '/usr/lib/systemd/system/systemd-tmpfiles-setup.service': unit(
    'DefaultDependencies=no',
    '[Service]',
    'ExecStart=systemd-tmpfiles --create --remove --boot',
  ),
  '/usr/lib/systemd/system/ssh.service': unit('After=network.target', '[Service]', 'ExecStart=/usr/sbin/sshd -D'),
  '/usr/lib/tmpfiles.d/static-nodes.conf': 'c! /dev/fuse 0600 root root - 10:229\n',
  '/usr/lib/tmpfiles.d/x.conf': 'w- /sys/fs/cgroup/x - - - - 1\nd /run/sysctl.d 0755 root root\n',
  '/usr/lib/sysctl.d/50-default.conf':
    '# See sysctl.d(5)\nkernel.sysrq = 16\nnet.ipv4.conf.*.rp_filter = 2\n-net.ipv4.conf.all.rp_filter\nnet.ipv4.conf.*.promote_secondaries = 1\n-net.ipv4.conf.all.promote_secondaries\n',
  '/usr/lib/sysctl.d/50-pid-max.conf': 'kernel.pid_max = 4194304\n',
  '/usr/lib/udev/rules.d/50-udev-default.rules': 'SUBSYSTEM=="net", ACTION=="add", PROGRAM="/bin/true"\n',
  '/usr/lib/udev/rules.d/99-systemd.rules':
    'SUBSYSTEM=="net", KERNEL!="lo", TAG+="systemd", ENV{SYSTEMD_ALIAS}+="/sys/subsystem/net/devices/$name"\nSUBSYSTEM=="net", ACTION=="add", RUN+="/usr/lib/systemd/systemd-sysctl --prefix=/net/ipv4/conf/$name --prefix=/net/ipv4/neigh/$name --prefix=/net/ipv6/conf/$name"\n',
  '/usr/lib/modprobe.d/systemd.conf': 'options bonding max_bonds=0\noptions dummy numdummies=0\n',
  '/etc/crontab': '# m h dom mon dow user command\n17 * * * * root cd / && run-parts /etc/cron.hourly\n',
};
const FIREWALLD = {
  '/usr/lib/systemd/system/firewalld.service': unit(
    'Before=network-pre.target',
    'After=dbus.service',
    '[Service]',
    'ExecStart=/usr/sbin/firewalld --nofork --nopid',
  ),
  '/usr/lib/modprobe.d/firewalld-sysctls.conf':
    "install nf_conntrack /usr/sbin/modprobe --ignore-install nf_conntrack $CMDLINE_OPTS && /usr/sbin/sysctl --quiet --pattern 'net[.]netfilter[.]nf_conntrack.*' --system\n",
};
const TUNED = {
  '/usr/lib/systemd/system/tuned.service': unit(
    'After=systemd-sysctl.service network.target dbus.service',
    '[Service]',
    'ExecStart=/usr/sbin/tuned -l -P',
  ),
  '/etc/tuned/active_profile': 'virtual-guest\n',
  '/etc/tuned/tuned-main.conf': 'daemon = 1\ndynamic_tuning = 0\nreapply_sysctl = 1\n',
  '/usr/lib/tuned/virtual-guest/tuned.conf': '[main]\nsummary=Guest\ninclude=throughput-performance\n[sysctl]\nvm.swappiness = 30\n',
  '/usr/lib/tuned/throughput-performance/tuned.conf':
    '[main]\nsummary=Throughput\n[variables]\nthunderx=x\n[sysctl]\nvm.dirty_ratio = 40\nnet.core.somaxconn=>2048\n[cpu]\ngovernor=performance\n',
};
const DEBIAN = {
  ...SYSTEMD,
  '/etc/sysctl.conf': '#\n# /etc/sysctl.conf\n#net.ipv4.ip_forward=1\n',
  '/etc/sysctl.d/README.sysctl': 'Settings such as net.netfilter.nf_conntrack_max go to a file that ends in .conf.\n',
  '/etc/modules': '# names of modules, one per line\n',
  '/etc/udev/udev.conf': '# see udev.conf(5)\n',
  '/etc/network/interfaces': 'source /etc/network/interfaces.d/*\nauto lo\niface lo inet loopback\n',
  '/etc/cron.d/e2scrub_all': '30 3 * * 0 root test -e /run/systemd/system || /sbin/e2scrub_all\n',
  '/etc/default/ufw': 'IPV6=yes\nDEFAULT_INPUT_POLICY="DROP"\nIPT_SYSCTL=/etc/ufw/sysctl.conf\nIPT_MODULES=""\n',
};
const UFW = {
  '/usr/lib/systemd/system/ufw.service': unit(
    'DefaultDependencies=no',
    'Before=network-pre.target',
    'After=local-fs.target',
    '[Service]',
    'ExecStart=/usr/lib/ufw/ufw-init start quiet',
  ),
  '/etc/ufw/ufw.conf': 'ENABLED=no\nLOGLEVEL=low\n',
  '/etc/ufw/sysctl.conf': 'net/ipv4/conf/all/rp_filter=1\n#net/ipv4/ip_forward=1\nnet/ipv4/icmp_echo_ignore_broadcasts=1\n',
};

export const STOCK_HOSTS: Readonly<Record<string, StockHost>> = {
  'Debian 12': { files: DEBIAN, enabled: ['ssh.service'], sysctlOnly: 'lost' },
  'Debian 13 with nftables': {
    files: {
      ...DEBIAN,
      '/usr/lib/systemd/system/nftables.service': unit(
        'DefaultDependencies=no',
        'Before=network-pre.target shutdown.target',
        '[Service]',
        'ExecStart=/usr/sbin/nft -f /etc/nftables.conf',
      ),
    },
    enabled: ['nftables.service'],
    sysctlOnly: 'unknown',
  },
  'Ubuntu 24.04': {
    files: {
      ...DEBIAN,
      ...UFW,
      '/etc/sysctl.d/10-network-security.conf': 'net.ipv4.conf.default.rp_filter=2\nnet.ipv4.conf.all.rp_filter=2\n',
      '/etc/cloud/cloud.cfg':
        'cloud_init_modules:\n  - migrator\n  - seed_random\n  - bootcmd\n  - write_files\nsystem_info:\n  distro: ubuntu\n',
      '/etc/cloud/cloud.cfg.d/05_logging.cfg': '_log:\n - &log_base |\n   [loggers]\n   keys=root,cloudinit\n',
    },
    enabled: ['ufw.service', 'ssh.service'],
    sysctlOnly: 'unknown',
  },
  'Ubuntu 24.04 with ufw on': {
    files: { ...DEBIAN, ...UFW, '/etc/ufw/ufw.conf': 'ENABLED=yes\nLOGLEVEL=low\n' },
    enabled: ['ufw.service'],
    sysctlOnly: 'unknown',
  },
  'RHEL 9': {
    files: {
      ...SYSTEMD,
      ...FIREWALLD,
      ...TUNED,
      '/etc/sysctl.conf': '# see sysctl.d(5)\n',
      '/etc/rc.d/rc.local': '#!/bin/bash\n# commands that run after the other init scripts\ntouch /var/lock/subsys/local\n',
      '/etc/sysconfig/ip6tables-config': 'IP6TABLES_MODULES=""\n',
    },
    enabled: ['firewalld.service', 'tuned.service', 'ssh.service'],
    sysctlOnly: 'kept',
  },
  'RHEL 9 with iptables-services': {
    files: {
      ...SYSTEMD,
      '/usr/lib/systemd/system/iptables.service': unit(
        'Before=network-pre.target',
        '[Service]',
        'ExecStart=/usr/libexec/iptables/iptables.init start',
      ),
      '/etc/sysconfig/iptables-config':
        'IPTABLES_MODULES=""\nIPTABLES_SAVE_ON_STOP="no"\n#IPTABLES_SYSCTL_LOAD_LIST=".nf_conntrack .bridge-nf"\n',
    },
    enabled: ['iptables.service'],
    sysctlOnly: 'lost',
  },
  Fedora: { files: { ...SYSTEMD, ...FIREWALLD }, enabled: ['firewalld.service', 'ssh.service'], sysctlOnly: 'kept' },
  openSUSE: {
    files: {
      ...SYSTEMD,
      ...FIREWALLD,
      '/usr/lib/modprobe.d/00-system.conf': 'alias net-pf-10 ipv6\noptions ipv6 disable_ipv6=0\n',
      '/etc/sysctl.conf': '# local settings\n',
    },
    enabled: ['firewalld.service'],
    sysctlOnly: 'kept',
  },
  Alpine: {
    files: {
      '/usr/lib/sysctl.d/00-alpine.conf': 'net.ipv4.tcp_syncookies = 1\nnet.ipv4.conf.default.rp_filter = 1\nkernel.panic = 120\n',
      '/etc/sysctl.conf': '# content of this file overrides /etc/sysctl.d\n',
      '/etc/modules': 'af_packet\nipv6\n',
      '/etc/local.d/README': 'Executable files that end in .start run at boot, for example for sysctl.\n',
      '/etc/network/interfaces': 'auto lo\niface lo inet loopback\n',
    },
    init: 'other',
    sysctlOnly: 'lost',
  },
  OpenWrt: {
    files: {
      '/etc/modules.d/42-nf-conntrack': 'nf_conntrack\n',
      '/etc/modules.d/45-nft-core': 'nf_tables\n',
      '/etc/sysctl.conf': '# defaults are in /etc/sysctl.d\n',
      '/etc/sysctl.d/10-default.conf': 'kernel.panic=3\nnet.ipv4.tcp_syncookies=1\n',
      '/etc/sysctl.d/11-nf-conntrack.conf':
        'net.netfilter.nf_conntrack_acct=1\nnet.netfilter.nf_conntrack_tcp_timeout_established=7440\nnet.netfilter.nf_conntrack_udp_timeout=60\n',
    },
    init: 'other',
    sysctlOnly: 'kept',
  },
  Proxmox: {
    files: {
      ...DEBIAN,
      '/usr/lib/systemd/system/pve-firewall.service': unit(
        'After=pve-cluster.service',
        '[Service]',
        'ExecStart=/usr/sbin/pve-firewall start',
      ),
      '/usr/lib/sysctl.d/10-pve.conf': 'net.bridge.bridge-nf-call-iptables = 0\nfs.aio-max-nr = 1048576\n',
      '/etc/modprobe.d/pve-blacklist.conf': 'blacklist nvidiafb\n',
      '/etc/network/interfaces':
        'auto vmbr0\niface vmbr0 inet static\n\taddress 192.0.2.1/24\n\tbridge-ports eno1\n\tpost-up echo 1 > /proc/sys/net/ipv4/ip_forward\n',
      '/etc/cron.d/pveupdate': '3 4 * * * root /usr/bin/pveupdate\n',
    },
    enabled: ['pve-firewall.service'],
    sysctlOnly: 'lost',
  },
  'k3s on Debian': {
    files: {
      ...DEBIAN,
      '/usr/lib/systemd/system/k3s.service': unit(
        'After=network-online.target',
        '[Service]',
        "ExecStartPre=/bin/sh -xc '! /usr/bin/systemctl is-enabled --quiet nm-cloud-setup.service'",
        'ExecStartPre=-/sbin/modprobe br_netfilter',
        'ExecStartPre=-/sbin/modprobe overlay',
        'ExecStart=/usr/local/bin/k3s \\',
        '    server \\',
      ),
    },
    enabled: ['k3s.service'],
    sysctlOnly: 'unknown',
    findings: ['ALSO_SET'],
  },
};
