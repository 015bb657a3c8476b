import type { FileContent } from '../domain/change.ts';
import type { SettingValues } from '../domain/setting.ts';
import type { BootLayout } from './boot-layout.ts';
import { ownLines, renderOwnFile, requireOwn } from './own-file.ts';
import { hashsizeIn, MODPROBE_FILE, modprobeLines } from './own-modprobe-file.ts';
import { MODULES_LOAD_FILE, MODULES_LOAD_LINE } from './own-modules-load-file.ts';
import { SYSCTL_FILE, sysctlLines, sysctlValues } from './own-sysctl-file.ts';

/** nf_conntrack: three files of our own, no line in anybody else's. */
export const MODERN_LAYOUT: BootLayout = {
  // The hashsize last: without the sysctl file beside it, it would set max to 8 x hashsize.
  paths: [MODULES_LOAD_FILE.path, SYSCTL_FILE.path, MODPROBE_FILE.path],

  persisted(files) {
    return sysctlValues(ownLines(files[SYSCTL_FILE.path] ?? null));
  },

  plan(files, values) {
    const modulesLoad = requireOwn(MODULES_LOAD_FILE, files[MODULES_LOAD_FILE.path] ?? null);
    const persisted = sysctlValues(requireOwn(SYSCTL_FILE, files[SYSCTL_FILE.path] ?? null));
    const hashsize = hashsizeIn(requireOwn(MODPROBE_FILE, files[MODPROBE_FILE.path] ?? null));
    const merged: SettingValues = { ...persisted, ...values };
    const buckets = merged['buckets'];
    const wanted: Record<string, FileContent> = { ...files };
    if (modulesLoad.length === 0 && Object.keys(merged).length > 0) wanted[MODULES_LOAD_FILE.path] = renderOwnFile([MODULES_LOAD_LINE]);
    if (!sameValues(persisted, merged)) wanted[SYSCTL_FILE.path] = renderOwnFile(sysctlLines(merged));
    if (buckets !== undefined && buckets !== hashsize) wanted[MODPROBE_FILE.path] = renderOwnFile(modprobeLines(buckets));
    return wanted;
  },
};

/** `merged` holds every name that `persisted` holds. */
function sameValues(persisted: SettingValues, merged: SettingValues): boolean {
  return Object.entries(merged).every(([name, value]) => persisted[name] === value);
}
