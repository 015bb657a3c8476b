import type { Scenario } from '../support/scenario.ts';
import { ENABLE_FIREWALL, ESTABLISHED, MAX, MAX_ALIAS, nothing, persist, STATEFUL_FIREWALL, sysctl, TIMEOUT, VALUES } from './values.ts';

const RISK = 'RISK_UNACKNOWLEDGED';
const OVERRIDDEN = { acknowledge: ['OVERRIDDEN_AT_BOOT'] };

/** Unmanaged files in sysctl.d and related directories. */
export const FILE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'mixed',
    what:
      "a file read before the service's file, one read after it that uses the alias, a hashsize in modprobe.d, and nftables.service with a " +
      'ct rule; refused at first, then persisted under the later name',
    short: true,
    siteFiles: {
      ...STATEFUL_FIREWALL,
      '/etc/sysctl.d/10-site.conf': sysctl({ [MAX]: 40_000, 'net.netfilter.nf_conntrack_udp_timeout': 41 }),
      '/etc/sysctl.d/99-zzz-site.conf': sysctl({ [MAX_ALIAS]: 50_000 }),
      '/etc/modprobe.d/site.conf': 'options nf_conntrack hashsize=16384\n',
    },
    prepare: ENABLE_FIREWALL,
    act: async (operator) => {
      await operator.refused({ settings: VALUES, persist: true }, RISK);
      return operator.persist(VALUES, { persistLast: true });
    },
    real: { udp_timeout: 41 },
  },
  {
    name: 'unmanaged file before',
    what: "a file read before the service's file sets another max and another timeout",
    siteFiles: { '/etc/sysctl.d/10-site.conf': sysctl({ [MAX]: 40_000, [ESTABLISHED]: 100 }) },
    act: persist(VALUES),
  },
  {
    name: 'unmanaged file after, later name',
    what: "a file read after the service's file sets another max; refused, then persisted under the later name",
    siteFiles: { '/etc/sysctl.d/zzz-site.conf': sysctl({ [MAX]: 40_000 }) },
    act: async (operator) => {
      await operator.refused({ settings: VALUES, persist: true }, RISK);
      return operator.persist(VALUES, { persistLast: true });
    },
  },
  {
    name: 'unmanaged file after, acknowledged',
    what: 'the same, acknowledged: the other file wins, and the preview reports it',
    siteFiles: { '/etc/sysctl.d/zzz-site.conf': sysctl({ [MAX]: 40_000 }) },
    act: async (operator) => {
      const { tcp_timeout_established = 0 } = await operator.persist(VALUES, OVERRIDDEN);
      return { tcp_timeout_established };
    },
    findings: ['OVERRIDDEN'],
    real: { max: 40_000 },
  },
  {
    name: 'alias after',
    what: 'a later file sets net.nf_conntrack_max; acknowledged',
    siteFiles: { '/etc/sysctl.d/zzz-site.conf': sysctl({ [MAX_ALIAS]: 50_000 }) },
    act: async (operator) => {
      await operator.refused({ settings: VALUES, persist: true }, RISK);
      await operator.persist(VALUES, OVERRIDDEN);
      return TIMEOUT;
    },
    real: { max: 50_000 },
  },
  {
    name: 'alias between two equal lines',
    what: "one file sets the persisted max under its name, a later one sets another max under the alias: the service's line repeats the first and loses its position",
    siteFiles: {
      '/etc/sysctl.d/10-site.conf': sysctl({ [MAX]: VALUES.max }),
      '/etc/sysctl.d/20-site.conf': sysctl({ [MAX_ALIAS]: 50_000 }),
    },
    act: async (operator) => {
      await operator.refused({ settings: VALUES, persist: true }, RISK);
      await operator.persist(VALUES, OVERRIDDEN);
      return TIMEOUT;
    },
    real: { max: 50_000 },
  },
  {
    name: 'sysctl.conf linked',
    what: '/etc/sysctl.conf sets a max, 99-sysctl.conf links to it; a timeout is persisted',
    siteFiles: { '/etc/sysctl.conf': sysctl({ [MAX]: 45_000 }), '/etc/sysctl.d/99-sysctl.conf': { linkTo: '../sysctl.conf' } },
    act: persist(TIMEOUT),
    real: { max: 45_000 },
  },
  {
    name: 'sysctl.conf not linked',
    what: '/etc/sysctl.conf sets a max, and nothing links to it; a timeout is persisted',
    siteFiles: { '/etc/sysctl.conf': sysctl({ [MAX]: 45_000 }), '/etc/sysctl.d/99-sysctl.conf': null },
    act: persist(TIMEOUT),
    findings: ['SYSCTL_CONF_NOT_READ'],
  },
  {
    name: 'masked',
    what: 'a file in /usr/lib is masked by a link to /dev/null, another by a file of the same name in /etc',
    siteFiles: {
      '/usr/lib/sysctl.d/zzz-a.conf': sysctl({ [MAX]: 41_000 }),
      '/etc/sysctl.d/zzz-a.conf': { linkTo: '/dev/null' },
      '/usr/lib/sysctl.d/zzz-b.conf': sysctl({ [MAX]: 42_000 }),
      '/etc/sysctl.d/zzz-b.conf': sysctl({ 'net.netfilter.nf_conntrack_udp_timeout': 41 }),
    },
    act: persist(VALUES),
    real: { udp_timeout: 41 },
  },
  {
    name: 'file in /run',
    what: 'a file in /run/sysctl.d, which does not survive the boot, sets another max; persisted after acknowledgement',
    siteFiles: { '/run/sysctl.d/zzz-run.conf': sysctl({ [MAX]: 43_000 }) },
    act: persist(VALUES, OVERRIDDEN),
    isClearedAtBoot: true,
  },
  {
    name: 'odd values',
    what: 'octal, out of range and a comment after the value in an unmanaged file; an unmanaged file loads the module',
    siteFiles: {
      '/etc/modules-load.d/site.conf': 'nf_conntrack\n',
      '/etc/sysctl.d/50-site.conf': sysctl({
        'net.netfilter.nf_conntrack_udp_timeout': '077',
        'net.netfilter.nf_conntrack_tcp_loose': 300,
        'net.netfilter.nf_conntrack_icmp_timeout': '11 # seconds',
      }),
    },
    act: persist(VALUES),
    findings: ['OCTAL_VALUE', 'VALUE_OUT_OF_RANGE', 'VALUE_CUT_SHORT', 'SYSCTL_UNIT_FAILS'],
    expectedFailures: ['systemd-sysctl.service'],
    real: { udp_timeout: 63, icmp_timeout: 11 },
  },
  {
    name: 'edited manually',
    what: "the service's file is edited after it was written",
    act: async (operator) => {
      await operator.persist(VALUES);
      await operator.agent.must(`sed -i 's/= ${VALUES.max}/= 61000/' /etc/sysctl.d/*conntrack-api.conf; sync`);
      return { buckets: VALUES.buckets, ...TIMEOUT };
    },
    findings: ['OWN_FILE_EDITED'],
    real: { max: 61_000 },
  },
  {
    name: 'unmanaged files only, late',
    what: 'unmanaged sysctl.d files only, nftables.service with a ct rule at boot, nothing persisted: values are lost or not, depending on timing, and reported as unknown',
    siteFiles: { ...STATEFUL_FIREWALL, '/etc/sysctl.d/50-site.conf': sysctl({ [MAX]: 40_000, [ESTABLISHED]: 100 }) },
    prepare: ENABLE_FIREWALL,
    act: nothing,
    findings: ['SYSCTL_LOST_MODULE_LATE', 'BOOT_UNKNOWN'],
  },
];
