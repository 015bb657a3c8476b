import type { Layout } from '../../layout.ts';
import type { SettingName } from '../../setting.ts';

/** A sysctl's path below /proc/sys, without a leading slash: `net/netfilter/nf_conntrack_max`. */
export type SysctlPath = string;

const NAMES = { nf_conntrack: 'net/netfilter/nf_conntrack_', ip_conntrack: 'net/ipv4/netfilter/ip_conntrack_' } as const satisfies Record<
  Layout,
  string
>;
/** A second place of `max`. */
const MAX_ALIASES = { nf_conntrack: 'net/nf_conntrack_max', ip_conntrack: 'net/ipv4/ip_conntrack_max' } as const satisfies Record<
  Layout,
  string
>;

/** The first separator decides: after a dot, dots part the path and slashes stand for dots; after a slash it is a path already. */
export function exchangeSeparators(key: string): string {
  if (/[./]/.exec(key)?.[0] !== '.') return key;
  return key.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}

/** As systemd has it: repeated and surrounding slashes vanish, and so do components that are a single dot. */
export function systemdPath(key: string): SysctlPath {
  const exchanged = exchangeSeparators(key);
  const parts = exchanged.split('/').filter((part) => part !== '' && part !== '.');
  return parts.join('/');
}

/** Where a path leads that is handed to the file system as it is. */
export function resolvedPath(path: string): SysctlPath {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  // A slash at the end asks for a directory, and settings are none.
  return parts.join('/') + (path.endsWith('/') ? '/' : '');
}

export function settingAt(layout: Layout, path: SysctlPath): SettingName | undefined {
  if (path === MAX_ALIASES[layout]) return 'max';
  const name = path.startsWith(NAMES[layout]) ? path.slice(NAMES[layout].length) : '';
  return /^\w+$/.test(name) && name !== 'count' ? name : undefined;
}

/** Every path of the settings that there are, the alias of `max` too. */
export function pathsOf(layout: Layout, names: readonly SettingName[]): readonly SysctlPath[] {
  return [...names.map((name) => NAMES[layout] + name), ...(names.includes('max') ? [MAX_ALIASES[layout]] : [])];
}

export function isMaxAlias(layout: Layout, path: SysctlPath): boolean {
  return path === MAX_ALIASES[layout];
}
