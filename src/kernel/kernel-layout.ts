import type { Layout } from '../domain/layout.ts';
import { notLoaded } from '../domain/not-loaded.ts';
import { KernelFileError } from './kernel-file-error.ts';
import { orFailure, type KernelFiles } from './kernel-files.ts';

/** The paths of a layout, as on the host. */
export interface KernelLayout {
  readonly name: Layout;
  readonly sysctlDirectory: string;
  /** `sysctlDirectory` in dotted form. */
  readonly keyPrefix: string;
  /** A second path of `max`. Modern: in the initial network namespace only. Legacy: the only path on some kernels. */
  readonly maxAlias: string;
  readonly hashsize: string;
  readonly moduleDirectory: string;
  readonly dump: string;
  readonly counters: string;
}

/** The layout that a kernel gets which has neither now: kernels with ip_conntrack always had it loaded or built in where it was used. */
export const MODERN: KernelLayout = {
  name: 'nf_conntrack',
  sysctlDirectory: '/proc/sys/net/netfilter',
  keyPrefix: 'net.netfilter.',
  maxAlias: '/proc/sys/net/nf_conntrack_max',
  hashsize: '/sys/module/nf_conntrack/parameters/hashsize',
  moduleDirectory: '/sys/module/nf_conntrack',
  dump: '/proc/net/nf_conntrack',
  counters: '/proc/net/stat/nf_conntrack',
};

const LEGACY: KernelLayout = {
  name: 'ip_conntrack',
  sysctlDirectory: '/proc/sys/net/ipv4/netfilter',
  keyPrefix: 'net.ipv4.netfilter.',
  maxAlias: '/proc/sys/net/ipv4/ip_conntrack_max',
  hashsize: '/sys/module/ip_conntrack/parameters/hashsize',
  moduleDirectory: '/sys/module/ip_conntrack',
  dump: '/proc/net/ip_conntrack',
  counters: '/proc/net/stat/ip_conntrack',
};

export function sysctlPath(layout: KernelLayout, setting: string): string {
  return `${layout.sysctlDirectory}/${layout.name}_${setting}`;
}

/** The layout now. Not cached, so that a module that is loaded later is detected. Modern if both exist. Kernels may lack any of the files. */
export async function detectLayout(files: KernelFiles): Promise<KernelLayout | undefined> {
  if (await files.exists(sysctlPath(MODERN, 'max'))) return MODERN;
  if ((await files.exists(sysctlPath(LEGACY, 'max'))) || (await files.exists(LEGACY.maxAlias))) return LEGACY;
  for (const layout of [MODERN, LEGACY]) if (await hasOtherFiles(files, layout)) return layout;
  return (await isLoadedWithoutSettings(files)) ? MODERN : undefined;
}

/** Of nf_defrag_ipv6, which stays loaded without nf_conntrack, for example when that is unloaded, or for TPROXY. */
const OF_DEFRAGMENTATION = /^nf_conntrack_frag6_/;

/** Legacy kernels could be built without sysctls. */
async function hasOtherFiles(files: KernelFiles, layout: KernelLayout): Promise<boolean> {
  const others = layout.name === 'ip_conntrack' ? [layout.dump, layout.counters, layout.hashsize] : [];
  for (const path of others) if (await files.exists(path)) return true;
  const sysctls = await orFailure(files.list(layout.sysctlDirectory));
  return (
    !(sysctls instanceof KernelFileError) && sysctls.some((name) => name.startsWith(`${layout.name}_`) && !OF_DEFRAGMENTATION.test(name))
  );
}

/** Kernels before 5.12 hide all conntrack settings in the network namespaces of a child user namespace. */
async function isLoadedWithoutSettings(files: KernelFiles): Promise<boolean> {
  const found = await Promise.all([MODERN.dump, MODERN.counters, MODERN.moduleDirectory].map((path) => files.exists(path)));
  return found.includes(true);
}

/** @throws ConntrackError `CONNTRACK_NOT_LOADED` */
export async function requireLayout(files: KernelFiles): Promise<KernelLayout> {
  const layout = await detectLayout(files);
  if (layout) return layout;
  throw notLoaded(`neither ${sysctlPath(MODERN, 'max')} nor ${LEGACY.maxAlias} nor another of its files exists`);
}
