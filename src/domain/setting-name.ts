import type { SettingName } from './setting.ts';

/** A file below /proc/sys or /sys, without its root. */
const ROOTS = /^\/(?:proc\/sys|sys)\//;
/** The sysctl keys of both layouts, and their last part alone. `max` has a second key in each. */
const SYSCTL =
  /^(?:(?:net\.netfilter\.)?nf_conntrack_|(?:net\.ipv4\.netfilter\.)?ip_conntrack_|net\.nf_conntrack_(?=max$)|net\.ipv4\.ip_conntrack_(?=max$))/;
const PARAMETER = /^(?:module\.)?(?:nf|ip)_conntrack\.(?:parameters\.)?(?=hashsize$)/;

/**
 * The name of a setting in responses, from any name that people know it by: its sysctl key with dots or slashes
 * (`net.netfilter.nf_conntrack_max`), the key's last part, its file, `hashsize` for buckets, and the same of the other layout
 * (`net.ipv4.ip_conntrack_max`). Any other text is returned as it is: it may be the name itself.
 */
export function toSettingName(text: string): SettingName {
  const key = text.replace(ROOTS, '').replaceAll('/', '.');
  const name = key.replace(SYSCTL, '').replace(PARAMETER, '');
  if (name === 'hashsize') return 'buckets';
  return name === key ? text : name;
}

/** The first two of these texts that name the same setting; `undefined` if each names another one. */
export function twoNamesOfOne(texts: readonly string[]): readonly [first: string, second: string, name: SettingName] | undefined {
  const seen = new Map<SettingName, string>();
  for (const text of texts) {
    const name = toSettingName(text);
    const first = seen.get(name);
    if (first !== undefined) return [first, text, name];
    seen.set(name, text);
  }
  return undefined;
}
