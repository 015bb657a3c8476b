import type { Scenario } from '../support/scenario.ts';
import { ENABLE_FIREWALL, ESTABLISHED, MAX, MAX_ALIAS, nothing, persist, STATEFUL_FIREWALL, sysctl, TIMEOUT, VALUES } from './values.ts';

const RISK = 'RISK_UNACKNOWLEDGED';
const OVERRIDDEN = { acknowledge: ['OVERRIDDEN_AT_BOOT'] };

/** Files of others in sysctl.d and beside it. */
export const FILE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'mixed',
    what:
      'a file read before ours, one read after it that uses the alias, a hashsize in modprobe.d, and nftables.service with a ct rule; ' +
      'refused as it is, then persisted under the later name',
    short: true,
    foreign: {
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
    name: 'foreign before',
    what: 'a file that is read before ours asks for another max and another timeout',
    foreign: { '/etc/sysctl.d/10-site.conf': sysctl({ [MAX]: 40_000, [ESTABLISHED]: 100 }) },
    act: persist(VALUES),
  },
  {
    name: 'foreign after, later name',
    what: 'a file that is read after ours asks for another max; refused, then persisted under the later name',
    foreign: { '/etc/sysctl.d/zzz-site.conf': sysctl({ [MAX]: 40_000 }) },
    act: async (operator) => {
      await operator.refused({ settings: VALUES, persist: true }, RISK);
      return operator.persist(VALUES, { persistLast: true });
    },
  },
  {
    name: 'foreign after, acknowledged',
    what: 'the same, persisted all the same: the other file wins, and the preview says so',
    foreign: { '/etc/sysctl.d/zzz-site.conf': sysctl({ [MAX]: 40_000 }) },
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
    foreign: { '/etc/sysctl.d/zzz-site.conf': sysctl({ [MAX_ALIAS]: 50_000 }) },
    act: async (operator) => {
      await operator.refused({ settings: VALUES, persist: true }, RISK);
      await operator.persist(VALUES, OVERRIDDEN);
      return TIMEOUT;
    },
    real: { max: 50_000 },
  },
  {
    name: 'alias between two equal lines',
    what: 'one file asks for our max under its name, a later one for another under the alias: ours repeats the first and loses its place',
    foreign: { '/etc/sysctl.d/10-site.conf': sysctl({ [MAX]: VALUES.max }), '/etc/sysctl.d/20-site.conf': sysctl({ [MAX_ALIAS]: 50_000 }) },
    act: async (operator) => {
      await operator.refused({ settings: VALUES, persist: true }, RISK);
      await operator.persist(VALUES, OVERRIDDEN);
      return TIMEOUT;
    },
    real: { max: 50_000 },
  },
  {
    name: 'sysctl.conf linked',
    what: '/etc/sysctl.conf asks for a max, 99-sysctl.conf links to it; a timeout is persisted',
    foreign: { '/etc/sysctl.conf': sysctl({ [MAX]: 45_000 }), '/etc/sysctl.d/99-sysctl.conf': { linkTo: '../sysctl.conf' } },
    act: persist(TIMEOUT),
    real: { max: 45_000 },
  },
  {
    name: 'sysctl.conf not linked',
    what: '/etc/sysctl.conf asks for a max, and nothing links to it; a timeout is persisted',
    foreign: { '/etc/sysctl.conf': sysctl({ [MAX]: 45_000 }), '/etc/sysctl.d/99-sysctl.conf': null },
    act: persist(TIMEOUT),
    findings: ['SYSCTL_CONF_NOT_READ'],
  },
  {
    name: 'masked',
    what: 'a file in /usr/lib is masked by a link to /dev/null, another by a file of its name in /etc',
    foreign: {
      '/usr/lib/sysctl.d/zzz-a.conf': sysctl({ [MAX]: 41_000 }),
      '/etc/sysctl.d/zzz-a.conf': { linkTo: '/dev/null' },
      '/usr/lib/sysctl.d/zzz-b.conf': sysctl({ [MAX]: 42_000 }),
      '/etc/sysctl.d/zzz-b.conf': sysctl({ 'net.netfilter.nf_conntrack_udp_timeout': 41 }),
    },
    act: persist(VALUES),
    real: { udp_timeout: 41 },
  },
  {
    name: 'in run',
    what: 'a file in /run/sysctl.d, which does not outlive the boot, asks for another max; persisted in any case',
    foreign: { '/run/sysctl.d/zzz-run.conf': sysctl({ [MAX]: 43_000 }) },
    act: persist(VALUES, OVERRIDDEN),
    isForeignGone: true,
  },
  {
    name: 'odd values',
    what: 'octal, out of range and a comment behind the value in a file of others; the module is loaded by theirs',
    foreign: {
      '/etc/modules-load.d/site.conf': 'nf_conntrack\n',
      '/etc/sysctl.d/50-site.conf': sysctl({
        'net.netfilter.nf_conntrack_udp_timeout': '077',
        'net.netfilter.nf_conntrack_tcp_loose': 300,
        'net.netfilter.nf_conntrack_icmp_timeout': '11 # seconds',
      }),
    },
    act: persist(VALUES),
    findings: ['OCTAL_VALUE', 'VALUE_OUT_OF_RANGE', 'VALUE_CUT_SHORT', 'SYSCTL_UNIT_FAILS'],
    foreignFailures: ['systemd-sysctl.service'],
    real: { udp_timeout: 63, icmp_timeout: 11 },
  },
  {
    name: 'edited by hand',
    what: 'our own file is edited after it was written',
    act: async (operator) => {
      await operator.persist(VALUES);
      await operator.hands.must(`sed -i 's/= ${VALUES.max}/= 61000/' /etc/sysctl.d/*conntrack-api.conf; sync`);
      return { buckets: VALUES.buckets, ...TIMEOUT };
    },
    findings: ['OWN_FILE_EDITED'],
    real: { max: 61_000 },
  },
  {
    name: 'foreign alone, late',
    what: 'sysctl.d of others alone, nftables.service with a ct rule at boot, nothing of ours: lost or not, as it happens, and said so',
    foreign: { ...STATEFUL_FIREWALL, '/etc/sysctl.d/50-site.conf': sysctl({ [MAX]: 40_000, [ESTABLISHED]: 100 }) },
    prepare: ENABLE_FIREWALL,
    act: nothing,
    findings: ['SYSCTL_LOST_MODULE_LATE', 'BOOT_UNKNOWN'],
  },
];
