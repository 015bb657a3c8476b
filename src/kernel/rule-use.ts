import type { RuleUse } from '../domain/findings/table-evidence.ts';
import { PRIVILEGE } from './ctnetlink-access.ts';
import { KernelFileError } from './kernel-file-error.ts';
import { orFailure, type KernelFiles } from './kernel-files.ts';
import { MalformedMessage } from './netlink/attribute-values.ts';
import { legacyTableTracks, type LegacyFamily } from './netlink/legacy-tables.ts';
import { NetlinkError } from './netlink/netlink-socket.ts';
import { nftablesTracks } from './netlink/nft-tracking.ts';
import { readRelease } from './running-kernel.ts';
import { isAbsent } from './system-failure.ts';

const MODULES = '/proc/modules';
/** Tables of the older iptables in this network namespace, one name a line. */
const LEGACY_TABLES = { ipv4: '/proc/net/ip_tables_names', ipv6: '/proc/net/ip6_tables_names' } as const;
const ON_DEMAND_SINCE = [4, 10] as const;

/**
 * Whether a rule enables tracking in the service's network namespace. Since Linux 4.10 a kernel tracks connections only where one does; older ones track
 * wherever the module is loaded.
 */
export async function readRuleUse(files: KernelFiles): Promise<RuleUse> {
  const release = await readRelease(files);
  if (release === undefined) return { unknown: 'The release of the kernel cannot be read.' };
  if (isBefore(release, ON_DEMAND_SINCE)) return 'used';
  const modules = await orFailure(files.readText(MODULES));
  if (!(modules instanceof KernelFileError) && isUnused('nf_conntrack', modules)) return 'unused';
  if (files.isElsewhere)
    return { unknown: 'Rules can be read from the running kernel only, and this kernel tree (--root) is not the running kernel.' };
  return ofNftables() ?? (await ofLegacyTables(files)) ?? 'unused';
}

/** `undefined` if nftables has no such rule. */
function ofNftables(): RuleUse | undefined {
  try {
    return nftablesTracks() ? 'used' : undefined;
  } catch (error) {
    if (error instanceof MalformedMessage) return { unknown: `nf_tables sent an unexpected message: ${error.message}.` };
    if (!(error instanceof NetlinkError)) throw error;
    return { unknown: `The rules of nftables cannot be read: ${error.message}. ${PRIVILEGE}` };
  }
}

/** `undefined` if iptables-legacy has no such rule. */
async function ofLegacyTables(files: KernelFiles): Promise<RuleUse | undefined> {
  for (const [family, path] of Object.entries(LEGACY_TABLES) as [LegacyFamily, string][]) {
    const text = await orFailure(files.readText(path));
    if (text instanceof KernelFileError) {
      if (isAbsent(text.failure)) continue;
      return { unknown: `Whether iptables-legacy has rules cannot be read: ${text.message}.` };
    }
    try {
      if (
        text
          .split('\n')
          .filter(Boolean)
          .some((table) => legacyTableTracks(family, table))
      )
        return 'used';
    } catch (error) {
      if (!(error instanceof NetlinkError) && !(error instanceof MalformedMessage)) throw error;
      return { unknown: `The rules of iptables-legacy cannot be read: ${error.message}. ${PRIVILEGE}` };
    }
  }
  return undefined;
}

/**
 * Whether the module and all that depend on it are loaded and used by nothing, in any network namespace: each rule counts as a use of its module.
 * `nf_conntrack 200704 2 nft_ct,nf_conntrack_netlink, Live 0x0`
 */
function isUnused(module: string, modules: string): boolean {
  const [, uses, users = ''] = new RegExp(`^${module} \\d+ (\\d+) (\\S+)`, 'm').exec(modules) ?? [];
  const dependents = users.split(',').filter((name) => /^\w+$/.test(name));
  return uses !== undefined && Number(uses) === dependents.length && dependents.every((name) => isUnused(name, modules));
}

/** @param release `6.1.0-13-amd64` */
function isBefore(release: string, [major, minor]: readonly [number, number]): boolean {
  const [first = 0, second = 0] = release.split('.').map((part) => Number.parseInt(part, 10));
  return first < major || (first === major && second < minor);
}
