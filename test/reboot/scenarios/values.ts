import type { SettingValues } from '../../../src/domain/setting.ts';
import type { Operator } from '../support/operator.ts';

/** What is asked for; buckets that are not rounded stay what they are, and so does the rest of the promise. */
export const VALUES = { max: 60_000, buckets: 30_720, tcp_timeout_established: 777 };
export const TIMEOUT = { tcp_timeout_established: 777 };

export const persist =
  (values: SettingValues, more: object = {}) =>
  (operator: Operator): Promise<SettingValues> =>
    operator.persist(values, more);

/** The machine's own files alone decide. */
export const nothing = (): Promise<SettingValues> => Promise.resolve({});

export const sysctl = (values: Readonly<Record<string, number | string>>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join('');

export const MAX = 'net.netfilter.nf_conntrack_max';
export const MAX_ALIAS = 'net.nf_conntrack_max';
export const ESTABLISHED = 'net.netfilter.nf_conntrack_tcp_timeout_established';

/** What Debian's nftables.service loads at boot, with a rule that needs connection tracking. */
export const STATEFUL_FIREWALL = {
  '/etc/nftables.conf': `#!/usr/sbin/nft -f
flush ruleset
table inet filter {
  chain input {
    type filter hook input priority 0; policy accept;
    ct state established,related accept
  }
}
`,
};
export const ENABLE_FIREWALL = 'systemctl enable --now nftables.service';
