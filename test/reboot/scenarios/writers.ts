import type { Scenario } from '../support/scenario.ts';
import { ESTABLISHED, MAX, nothing, persist, sysctl, TIMEOUT, VALUES } from './values.ts';

const LOAD = { '/etc/modules-load.d/site.conf': 'nf_conntrack\n' };
const UDP = 'net.netfilter.nf_conntrack_udp_timeout';
const ICMP = 'net.netfilter.nf_conntrack_icmp_timeout';
const GENERIC = 'net.netfilter.nf_conntrack_generic_timeout';
const FILE_OF = (key: string): string => `/proc/sys/${key.replaceAll('.', '/')}`;
const ON_LOAD = 'ACTION=="add", SUBSYSTEM=="module", KERNEL=="nf_conntrack"';

/** The unit of ufw and a script that does what that of ufw does: loads stateful rules, then applies its sysctl file. */
const UFW = {
  '/etc/default/ufw': 'IPV6=yes\nIPT_SYSCTL=/etc/ufw/sysctl.conf\n',
  '/etc/ufw/ufw.conf': 'ENABLED=yes\nLOGLEVEL=low\n',
  '/usr/lib/ufw/ufw-init': `#!/bin/sh -e
. /etc/default/ufw
nft -f - <<RULES
table ip site {
  chain input {
    type filter hook input priority 0; policy accept;
    ct state established,related accept
  }
}
RULES
sysctl -e -q -p "$IPT_SYSCTL" || true
`,
  '/etc/systemd/system/ufw.service': `[Unit]
DefaultDependencies=no
Before=network-pre.target
Wants=network-pre.target local-fs.target
After=local-fs.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/lib/ufw/ufw-init start quiet

[Install]
WantedBy=multi-user.target
`,
};
const ENABLE_UFW = 'chmod +x /usr/lib/ufw/ufw-init; systemctl enable ufw.service';

/** Programs other than the sysctl run of the boot that set conntrack settings. */
export const WRITER_SCENARIOS: readonly Scenario[] = [
  {
    name: 'ufw',
    what: "ufw's sysctl file sets max and a timeout, with slashes; nothing persisted",
    siteFiles: { ...UFW, '/etc/ufw/sysctl.conf': 'net/netfilter/nf_conntrack_max=45000\nnet/netfilter/nf_conntrack_udp_timeout=41\n' },
    prepare: ENABLE_UFW,
    act: nothing,
    real: { max: 45_000, udp_timeout: 41 },
  },
  {
    name: 'ufw and sysctl.d',
    what: "ufw's sysctl file and sysctl.d set max; max, buckets and a timeout are persisted: ufw may set its own max again",
    siteFiles: { ...UFW, '/etc/ufw/sysctl.conf': 'net/netfilter/nf_conntrack_max=45000\n' },
    prepare: ENABLE_UFW,
    act: async (operator) => {
      const { buckets = 0, tcp_timeout_established = 0 } = await operator.persist(VALUES);
      return { buckets, tcp_timeout_established };
    },
  },
  {
    name: 'firewalld line',
    what: 'the install line of firewalld loads the module late and sets what sysctl.d says; nothing persisted',
    siteFiles: {
      '/etc/modprobe.d/firewalld-sysctls.conf':
        "install nf_conntrack /usr/sbin/modprobe --ignore-install nf_conntrack $CMDLINE_OPTS && /usr/sbin/sysctl --quiet --pattern 'net[.]netfilter[.]nf_conntrack.*' --system\n",
      '/etc/sysctl.d/50-site.conf': sysctl({ [MAX]: 40_000, [ESTABLISHED]: 100 }),
    },
    act: nothing,
    real: { max: 40_000, tcp_timeout_established: 100 },
  },
  {
    name: 'udev RUN+= of sysctl',
    what: 'udev rules run sysctl with a key, with a file, and a shell, when the module loads late; nothing persisted',
    siteFiles: {
      '/etc/udev/rules.d/50-site.rules': [
        `${ON_LOAD}, RUN+="/sbin/sysctl -w ${MAX}=40000", RUN+="/sbin/sysctl -p /etc/site.conf"\n`,
        `${ON_LOAD}, RUN+="/bin/sh -c 'echo 43 > ${FILE_OF(ICMP)}'"\n`,
      ].join(''),
      '/etc/site.conf': sysctl({ [UDP]: 42 }),
    },
    act: nothing,
    real: { max: 40_000, udp_timeout: 42, icmp_timeout: 43 },
  },
  {
    name: 'udev SYSCTL and ATTR',
    what: 'a udev rule assigns SYSCTL{…} and the hashsize when the module loads late; nothing persisted',
    siteFiles: {
      '/etc/udev/rules.d/50-site.rules': `${ON_LOAD}, ATTR{parameters/hashsize}="20480", SYSCTL{${UDP}}="44"\n`,
    },
    act: nothing,
    real: { buckets: 20_480, udp_timeout: 44 },
  },
  {
    name: 'tmpfiles',
    what: 'lines of tmpfiles.d write settings, some of them twice; modules-load.d loads the module; nothing persisted',
    siteFiles: {
      ...LOAD,
      '/etc/tmpfiles.d/10-site.conf': [
        `w ${FILE_OF(UDP)} - - - - 45`,
        `w ${FILE_OF(UDP)} - - - - 46`,
        `w+ ${FILE_OF(ICMP)} - - - - 47`,
        `w+ ${FILE_OF(ICMP)} - - - - 48`,
        `w ${FILE_OF(MAX)} - - - - 40000\n`,
      ].join('\n'),
      '/etc/tmpfiles.d/20-site.conf': `w ${FILE_OF(MAX)} - - - - 41000\nw /sys/module/nf_conntrack/parameters/hashsize - - - - 20480\n`,
    },
    act: nothing,
  },
  {
    name: 'tmpfiles, late',
    what: 'a line of tmpfiles.d sets max, and only a firewall rule after the boot loads the module; nothing persisted',
    siteFiles: { '/etc/tmpfiles.d/site.conf': `w ${FILE_OF(MAX)} - - - - 40000\n` },
    act: nothing,
  },
  {
    name: 'credential',
    what: 'a credential sysctl.extra, which systemd-sysctl reads after all files; modules-load.d loads the module; a timeout is persisted',
    siteFiles: {
      ...LOAD,
      '/etc/credstore/sysctl.extra': sysctl({ [MAX]: 44_000 }),
      '/etc/sysctl.d/50-site.conf': sysctl({ [MAX]: 40_000 }),
      '/etc/systemd/system/systemd-sysctl.service.d/site.conf': '[Service]\nLoadCredential=sysctl.extra\n',
    },
    act: persist(TIMEOUT),
    real: { max: 44_000 },
  },
  {
    name: 'unit and rc.local',
    what: 'a drop-in of a unit runs sysctl -w, rc.local another; max, buckets and a timeout are persisted',
    siteFiles: {
      ...LOAD,
      '/etc/systemd/system/site.service': `[Service]
Type=oneshot
ExecStart=/bin/true

[Install]
WantedBy=multi-user.target
`,
      '/etc/systemd/system/site.service.d/10-conntrack.conf': `[Service]\nExecStartPost=/sbin/sysctl -w ${UDP}=49\n`,
      '/etc/rc.local': `#!/bin/sh -e\nsysctl -w ${GENERIC}=50\nexit 0\n`,
    },
    prepare: 'chmod +x /etc/rc.local; systemctl enable site.service',
    act: persist(VALUES),
    real: { udp_timeout: 49, generic_timeout: 50 },
  },
  {
    name: 'module_blacklist=',
    what: 'the kernel command line refuses the module: the next boot has no connection tracking; nothing persisted',
    siteFiles: { ...LOAD, '/etc/sysctl.d/50-site.conf': sysctl({ [MAX]: 40_000 }) },
    commandLine: 'module_blacklist=nf_conntrack',
    act: nothing,
    findings: ['MODULE_FAILS_TO_LOAD'],
    expectedFailures: ['systemd-modules-load.service'],
    real: 'absent',
  },
  {
    name: 'install /bin/true',
    what: 'an install line runs /bin/true instead of loading the module: the next boot has no connection tracking; nothing persisted',
    siteFiles: { ...LOAD, '/etc/modprobe.d/site.conf': 'install nf_conntrack /bin/true\n' },
    act: nothing,
    findings: ['INSTALL_LINE'],
    real: 'absent',
  },
];
