import type { BootUnit } from '../../domain/boot/boot-input.ts';
import { readUnit } from './enabled-units.ts';
import type { RootedTree } from './rooted-tree.ts';

/** Units that load a rule set at boot, and conntrack if a rule needs it. */
const FIREWALLS = ['nftables', 'netfilter-persistent', 'ufw', 'iptables', 'ip6tables', 'shorewall', 'shorewall6', 'ferm', 'firehol'];

/** The firewall units that are enabled. */
export async function readFirewallUnits(tree: RootedTree, enabled: ReadonlySet<string>): Promise<readonly BootUnit[]> {
  const names = FIREWALLS.map((firewall) => `${firewall}.service`).filter((name) => enabled.has(name));
  const units: BootUnit[] = [];
  for (const name of names) {
    const unit = await readUnit(tree, name);
    if (unit !== undefined) units.push(unit);
  }
  return units;
}
