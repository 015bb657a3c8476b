import type { SettingValues } from '../../../src/domain/setting.ts';
import type { Agent } from './agent.ts';

/** The state after a boot. */
export interface Observation {
  /** Values after the first firewall rule was loaded; empty if conntrack is still not loaded. */
  readonly values: SettingValues;
  /** Unit names. */
  readonly failedUnits: readonly string[];
}

const VALUES = '/proc/sys/net/netfilter';
const FIREWALL = `nft -f - <<'RULES'
table inet reboot_test
delete table inet reboot_test
table inet reboot_test {
  chain input {
    type filter hook input priority 0; policy accept;
    ct state invalid drop
  }
}
RULES`;

/** Loads conntrack through a firewall rule, if it is not loaded yet. */
export async function applyFirewall(agent: Agent): Promise<boolean> {
  const { code } = await agent.shell(FIREWALL);
  await agent.must('udevadm settle');
  return code === 0;
}

/** Waits until the boot has finished, loads a firewall rule that needs conntrack, and reads the values. */
export async function observe(agent: Agent): Promise<Observation> {
  await agent.shell('systemctl is-system-running --wait');
  const failed = await agent.must("systemctl list-units --failed --plain --no-legend | awk '{ print $1 }'");
  await applyFirewall(agent);
  return { values: await readValues(agent), failedUnits: failed.split('\n').filter(Boolean) };
}

async function readValues(agent: Agent): Promise<SettingValues> {
  const { stdout } = await agent.shell(`cd ${VALUES} && grep -H . nf_conntrack_*`);
  const found = stdout.split('\n').flatMap((line) => {
    const [, name, value] = /^nf_conntrack_(\w+):(-?\d+)$/.exec(line) ?? [];
    return name === undefined || name === 'count' ? [] : [[name, Number(value)] as const];
  });
  const values = Object.fromEntries(found);
  // nf_defrag_ipv6 has three of these files (nf_conntrack_frag6_…). It is loaded first and stays loaded if nf_conntrack fails.
  return 'max' in values ? values : {};
}

const WATCHED = ['/etc/sysctl.d', '/etc/sysctl.conf', '/etc/modprobe.d', '/etc/modprobe.conf', '/etc/modules-load.d', '/etc/modules'];
const ALSO_WATCHED = ['/etc/udev', '/etc/nftables.conf', '/run/sysctl.d', '/run/modprobe.d', '/usr/local/lib', '/usr/lib/sysctl.d'];
const OUR_OWN = /\/[\w-]*conntrack-api\.\w+ /;

/** One line per file that a boot reads, except those of this service: name, type, mode, link and content. Differs if a file was changed. */
export async function unmanagedFiles(agent: Agent): Promise<string> {
  const places = [...WATCHED, ...ALSO_WATCHED, '/usr/lib/modprobe.d', '/usr/lib/modules-load.d'].join(' ');
  const listing = await agent.must(
    `find ${places} \\( -type f -o -type l \\) 2>/dev/null | sort | while read -r file; do
      printf '%s %s %s\\n' "$file" "$(stat -c '%F %a %u %g %N' "$file")" "$(sha256sum <"$file" 2>/dev/null)"; done`,
  );
  return listing
    .split('\n')
    .filter((line) => !OUR_OWN.test(line))
    .join('\n');
}
