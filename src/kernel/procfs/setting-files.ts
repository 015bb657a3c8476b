import type { SettingName } from '../../domain/setting.ts';
import type { KernelFiles } from '../kernel-files.ts';
import { sysctlPath, type KernelLayout } from '../kernel-layout.ts';

/** A setting of this kernel and its file. */
export interface SettingFile {
  readonly name: SettingName;
  /** Dotted sysctl key; `nf_conntrack.hashsize` for the module parameter if the kernel has no such sysctl. */
  readonly key: string;
  readonly path: string;
}

/** Files among the settings that are not settings. */
export const READINGS: ReadonlySet<string> = new Set(['count']);

/** All settings, sorted by name. Read from the directory, because they vary with kernel version and configuration. */
export async function listSettingFiles(files: KernelFiles, layout: KernelLayout): Promise<readonly SettingFile[]> {
  const found = [...(await sysctls(files, layout)), ...(await otherFiles(files, layout))];
  const byName = new Map(found.reverse().map((file) => [file.name, file]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function sysctls(files: KernelFiles, layout: KernelLayout): Promise<readonly SettingFile[]> {
  if (!(await files.exists(layout.sysctlDirectory))) return [];
  const prefix = `${layout.name}_`;
  return (await files.list(layout.sysctlDirectory))
    .filter((file) => file.startsWith(prefix) && !READINGS.has(file.slice(prefix.length)))
    .map((file) => file.slice(prefix.length))
    .map((name) => ({ name, key: `${layout.keyPrefix}${prefix}${name}`, path: sysctlPath(layout, name) }));
}

/** Settings that some kernels have only outside the sysctl directory. */
async function otherFiles(files: KernelFiles, layout: KernelLayout): Promise<readonly SettingFile[]> {
  const candidates = [
    { name: 'max', key: layout.maxAlias.replace('/proc/sys/', '').replaceAll('/', '.'), path: layout.maxAlias },
    { name: 'buckets', key: `${layout.name}.hashsize`, path: layout.hashsize },
  ];
  const present = await Promise.all(candidates.map(({ path }) => files.exists(path)));
  return candidates.filter((_, index) => present[index]);
}
