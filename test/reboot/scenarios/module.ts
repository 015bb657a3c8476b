import type { Scenario } from '../support/scenario.ts';
import { ENABLE_FIREWALL, MAX, nothing, persist, STATEFUL_FIREWALL, sysctl, TIMEOUT, VALUES } from './values.ts';

const HASHSIZE = { '/etc/modprobe.d/site.conf': 'options nf_conntrack hashsize=16384\n' };
const INVALID_HASHSIZE = { '/etc/modprobe.d/site.conf': 'options nf_conntrack hashsize=64k\n' };

/** How the module is loaded, and with which parameters. */
export const MODULE_SCENARIOS: readonly Scenario[] = [
  { name: 'late', what: 'only a firewall rule after the boot would load the module', act: persist(VALUES) },
  {
    name: 'firewall at boot',
    what: 'nftables.service with a ct rule loads the module at boot',
    siteFiles: STATEFUL_FIREWALL,
    prepare: ENABLE_FIREWALL,
    act: persist(VALUES),
  },
  {
    name: 'unmanaged modules-load.d',
    what: 'an unmanaged modules-load.d file loads the module, an unmanaged sysctl.d file sets max, nothing persisted',
    siteFiles: { '/etc/modules-load.d/site.conf': 'nf_conntrack\n', '/etc/sysctl.d/50-site.conf': sysctl({ [MAX]: 40_000 }) },
    act: nothing,
    real: { max: 40_000 },
  },
  {
    name: '/etc/modules',
    what: '/etc/modules loads the module, an unmanaged sysctl.d file sets max, nothing persisted',
    siteFiles: { '/etc/modules': 'nf_conntrack\n', '/etc/sysctl.d/50-site.conf': sysctl({ [MAX]: 40_000 }) },
    act: nothing,
  },
  {
    name: 'udev rule',
    what: 'an unmanaged udev rule applies sysctls again when the module loads late; nothing persisted',
    siteFiles: {
      '/etc/udev/rules.d/50-site.rules':
        'ACTION=="add", SUBSYSTEM=="module", KERNEL=="nf_conntrack", RUN+="/lib/systemd/systemd-sysctl --prefix=/net/netfilter"\n',
      '/etc/sysctl.d/50-site.conf': sysctl({ [MAX]: 40_000 }),
    },
    act: nothing,
    real: { max: 40_000 },
  },
  {
    name: 'hashsize only',
    what: 'an unmanaged hashsize; a timeout is persisted: max becomes 8 x buckets',
    siteFiles: HASHSIZE,
    act: persist(TIMEOUT),
    findings: ['HASHSIZE_SETS_MAX'],
    real: { buckets: 16_384, max: 131_072 },
  },
  {
    name: 'hashsize and persisted',
    what: 'an unmanaged hashsize; max and buckets are persisted',
    siteFiles: HASHSIZE,
    act: persist(VALUES),
  },
  {
    name: 'command line only',
    what: 'nf_conntrack.hashsize= on the kernel command line and an unmanaged hashsize; a timeout is persisted',
    siteFiles: HASHSIZE,
    commandLine: 'nf_conntrack.hashsize=24576',
    act: persist(TIMEOUT),
    real: { buckets: 24_576, max: 196_608 },
  },
  {
    name: 'command line and persisted',
    what: 'nf_conntrack.hashsize= on the kernel command line; max and buckets are persisted',
    commandLine: 'nf_conntrack.hashsize=24576',
    act: persist(VALUES),
  },
  {
    name: 'invalid hashsize',
    what: 'an unmanaged hashsize that the module refuses, nothing persisted: the next boot has no connection tracking',
    siteFiles: INVALID_HASHSIZE,
    act: nothing,
    findings: ['MODULE_FAILS_TO_LOAD'],
    real: 'absent',
  },
  {
    name: 'invalid hashsize, persisting',
    what: 'the same, and a request to persist max, buckets and a timeout: it must be refused, or the values must hold and no unit may fail at boot',
    siteFiles: INVALID_HASHSIZE,
    act: (operator) => operator.persistUnlessRefused(VALUES),
    findings: ['MODULE_FAILS_TO_LOAD'],
    real: 'absent',
  },
  {
    name: 'install line',
    what: 'an unmanaged install line replaces loading the module and sets max; a timeout is persisted',
    siteFiles: {
      '/etc/modprobe.d/site.conf':
        'install nf_conntrack /sbin/modprobe --ignore-install nf_conntrack $CMDLINE_OPTS && /sbin/sysctl -q -w net.netfilter.nf_conntrack_max=44000\n',
    },
    act: persist(TIMEOUT),
    findings: ['INSTALL_LINE'],
    real: { max: 44_000 },
  },
];
