import type { Layout } from '../../layout.ts';
import type { SettingName } from '../../setting.ts';

/** A sysctl's path below /proc/sys, without a leading slash: `net/netfilter/nf_conntrack_max`. */
export type SysctlPath = string;

const NAMES = { nf_conntrack: 'net/netfilter/nf_conntrack_', ip_conntrack: 'net/ipv4/netfilter/ip_conntrack_' } as const satisfies Record<
  Layout,
  string
>;
/** The alias of `max`. */
const MAX_ALIASES = { nf_conntrack: 'net/nf_conntrack_max', ip_conntrack: 'net/ipv4/ip_conntrack_max' } as const satisfies Record<
  Layout,
  string
>;

/** The first separator decides. If it is a dot, dots separate the path and slashes stand for dots; if it is a slash, the key is a path already. */
export function exchangeSeparators(key: string): string {
  if (/[./]/.exec(key)?.[0] !== '.') return key;
  return key.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}

/** Normalises as systemd does: drops repeated and surrounding slashes and components that are a single dot. */
export function systemdPath(key: string): SysctlPath {
  const exchanged = exchangeSeparators(key);
  const parts = exchanged.split('/').filter((part) => part !== '' && part !== '.');
  return parts.join('/');
}

/** The file that the file system finds for a path with `.` and `..`. */
export function resolvedPath(path: string): SysctlPath {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  // A slash at the end means a directory, and a setting is a file.
  return parts.join('/') + (path.endsWith('/') ? '/' : '');
}

/** @param formerPaths paths of the other layout that this kernel has too (CONFIG_NF_CONNTRACK_PROC_COMPAT) */
export function settingAt(layout: Layout, path: SysctlPath, formerPaths: readonly SysctlPath[] = []): SettingName | undefined {
  if (layout === 'nf_conntrack' && formerPaths.includes(path)) return settingAt('ip_conntrack', path);
  if (path === MAX_ALIASES[layout]) return 'max';
  const name = path.startsWith(NAMES[layout]) ? path.slice(NAMES[layout].length) : '';
  return /^\w+$/.test(name) && name !== 'count' ? name : undefined;
}

/** Every path of the settings, including the alias of `max`. */
export function pathsOf(layout: Layout, names: readonly SettingName[], formerPaths: readonly SysctlPath[] = []): readonly SysctlPath[] {
  return [...names.map((name) => NAMES[layout] + name), ...(names.includes('max') ? [MAX_ALIASES[layout]] : []), ...formerPaths];
}

/** `net.netfilter.nf_conntrack_max`. */
export function keyOf(layout: Layout, name: SettingName): string {
  return (NAMES[layout] + name).replaceAll('/', '.');
}
