import type { SettingValues } from '../../../src/domain/setting.ts';
import type { Operator } from '../support/operator.ts';

/** The requested values. The kernel does not round these buckets, so it must report exactly these values. */
export const VALUES = { max: 60_000, buckets: 30_720, tcp_timeout_established: 777 };
export const TIMEOUT = { tcp_timeout_established: 777 };

export const persist =
  (values: SettingValues, more: object = {}) =>
  (operator: Operator): Promise<SettingValues> =>
    operator.persist(values, more);

/** Persists nothing: only the machine's own files decide. */
export const nothing = (): Promise<SettingValues> => Promise.resolve({});

export const sysctl = (values: Readonly<Record<string, number | string>>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join('');

export const MAX = 'net.netfilter.nf_conntrack_max';
export const MAX_ALIAS = 'net.nf_conntrack_max';
export const ESTABLISHED = 'net.netfilter.nf_conntrack_tcp_timeout_established';

/** The rules that Debian's nftables.service loads at boot; one of them needs conntrack. */
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
