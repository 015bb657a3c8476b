import type { Operator } from '../support/operator.ts';
import type { Scenario } from '../support/scenario.ts';
import type { SettingValues } from '../../../src/domain/setting.ts';
import { MAX, nothing, persist, sysctl, VALUES } from './values.ts';

const LOAD = { '/etc/modules-load.d/site.conf': 'nf_conntrack\n' };
const SET = { '/etc/sysctl.d/50-site.conf': sysctl({ [MAX]: 40_000 }) };
const BLACKLIST = { '/etc/modprobe.d/site.conf': 'blacklist nf_conntrack\n' };

/** Boots whose services do not run as they are shipped, and modules that are loaded in another way, or not. */
export const SERVICE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'blacklist',
    what: 'a blacklist line makes systemd-modules-load skip the module; nothing persisted',
    siteFiles: { ...LOAD, ...SET, ...BLACKLIST },
    act: nothing,
    findings: ['MODULE_BLACKLISTED', 'SYSCTL_LOST_MODULE_LATE'],
  },
  {
    name: 'blacklist, dependent module',
    what: 'a blacklist line for the module, which another one in modules-load.d needs; nothing persisted',
    siteFiles: { '/etc/modules-load.d/site.conf': 'ip_conntrack_ftp\n', ...SET, ...BLACKLIST },
    act: nothing,
    real: { max: 40_000 },
  },
  {
    name: 'masked systemd-sysctl',
    what: 'systemd-sysctl is masked; nothing persisted',
    siteFiles: { ...LOAD, ...SET, '/etc/systemd/system/systemd-sysctl.service': { linkTo: '/dev/null' } },
    act: nothing,
    findings: ['BOOT_SERVICE_OFF'],
  },
  {
    name: 'systemd.mask=systemd-modules-load',
    what: 'systemd-modules-load is masked on the kernel command line; nothing persisted',
    siteFiles: { ...LOAD, ...SET },
    commandLine: 'systemd.mask=systemd-modules-load',
    act: nothing,
    findings: ['BOOT_SERVICE_OFF', 'SYSCTL_LOST_MODULE_LATE'],
  },
  {
    name: 'systemd-sysctl with a prefix',
    what: 'a drop-in limits systemd-sysctl to a prefix; max, buckets and a timeout are persisted',
    siteFiles: {
      '/etc/systemd/system/systemd-sysctl.service.d/site.conf':
        '[Service]\nExecStart=\nExecStart=/lib/systemd/systemd-sysctl --prefix=/net/netfilter\n',
    },
    act: persist(VALUES),
  },
  {
    name: 'module not loaded',
    what: 'the module is unloaded; max, buckets and a timeout are persisted without it, and then it is loaded through the API',
    // While the service starts it uses ctnetlink if the module is loaded, and would load it again.
    prepare:
      'for i in $(seq 120); do journalctl -u conntrack-api | grep -q "Swagger UI" && break; sleep 1; done; nft flush ruleset; modprobe -r nf_conntrack_netlink nft_ct; modprobe -r nf_conntrack; test ! -e /proc/sys/net/netfilter/nf_conntrack_max',
    act: persistThenLoad,
  },
];

async function persistThenLoad(operator: Operator): Promise<SettingValues> {
  await operator.persist(VALUES);
  const { change } = await operator.loadModule();
  if (change?.outcome !== 'applied') throw new Error(`Loading the module ended as ${change?.outcome ?? 'nothing'}.`);
  const { buckets } = await operator.live();
  if (buckets !== VALUES.buckets)
    throw new Error(`The module was loaded with ${buckets ?? 'unknown'} buckets, not with the persisted ones.`);
  return VALUES;
}
