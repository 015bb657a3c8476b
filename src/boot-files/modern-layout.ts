import type { FileContent } from '../domain/change.ts';
import type { PersistOptions } from '../domain/persist-options.ts';
import type { SettingValues } from '../domain/setting.ts';
import type { BootLayout, FileContents } from './boot-layout.ts';
import { editsIn, ownLines, renderOwnFile, requireOwn } from './own-file.ts';
import { hashsizeIn, MODPROBE_FILE, modprobeLines, MODULES_LOAD_FILE, MODULES_LOAD_LINE } from './own-module-files.ts';
import { LAST_SYSCTL_FILE, SYSCTL_FILE, sysctlLines, sysctlValues } from './own-sysctl-file.ts';

// The hashsize comes last: without the sysctl file it would set max to 8 x hashsize.
export const MODERN_FILES = [MODULES_LOAD_FILE, LAST_SYSCTL_FILE, SYSCTL_FILE, MODPROBE_FILE] as const;

/** nf_conntrack: only files of this service, no lines in files of others. */
export const MODERN_LAYOUT: BootLayout = {
  paths: MODERN_FILES.map(({ path }) => path),

  persisted(files) {
    const hashsize = hashsizeIn(ownLines(files[MODPROBE_FILE.path] ?? null));
    return { ...(hashsize !== undefined && { buckets: hashsize }), ...sysctlsIn(files) };
  },

  plan(files, values, options) {
    for (const file of MODERN_FILES) requireOwn(file, files[file.path] ?? null);
    return write(files, { ...this.persisted(files), ...values }, options);
  },

  unplan(files, originals, options) {
    for (const file of MODERN_FILES) requireOwn(file, files[file.path] ?? null);
    const left = Object.entries(this.persisted(files)).filter(([name]) => !Object.hasOwn(originals, name));
    return write(files, Object.fromEntries(left), options);
  },

  edited(files) {
    return MODERN_FILES.flatMap((file) => editsIn(file, files[file.path] ?? null) ?? []);
  },
};

/** If a process is killed between writing the last file and removing the usual one, both exist. The last one is then effective. */
function sysctlsIn(files: FileContents): SettingValues {
  const [usual, last] = [SYSCTL_FILE, LAST_SYSCTL_FILE].map(({ path }) => sysctlValues(ownLines(files[path] ?? null)));
  return { ...usual, ...last };
}

/** The smallest set of files that sets exactly `values` on this host. A file that already sets them stays unchanged. */
function write(files: FileContents, values: SettingValues, options: PersistOptions): FileContents {
  const { buckets, ...others } = values;
  const sysctls = buckets === undefined || !options.bucketsSysctl ? others : values;
  const isLast = options.last || (files[LAST_SYSCTL_FILE.path] ?? null) !== null;
  const [used, unused] = isLast ? [LAST_SYSCTL_FILE, SYSCTL_FILE] : [SYSCTL_FILE, LAST_SYSCTL_FILE];
  const file = fileWriter(files, options);
  const isEmpty = Object.keys(values).length === 0;
  return {
    ...files,
    [MODULES_LOAD_FILE.path]: file.ofModule(MODULES_LOAD_FILE.path, isEmpty ? [] : [MODULES_LOAD_LINE]),
    [used.path]: file.of(used.path, sysctlLines(sysctls)),
    [unused.path]: null,
    [MODPROBE_FILE.path]: file.ofModule(MODPROBE_FILE.path, buckets === undefined ? [] : modprobeLines(buckets)),
  };
}

function fileWriter(files: FileContents, { builtIn, changeId }: PersistOptions) {
  const of = (path: string, lines: readonly string[]): FileContent => {
    const present = files[path] ?? null;
    if (lines.length === 0) return null;
    return sameLines(ownLines(present), lines) ? present : renderOwnFile(lines, changeId);
  };
  /** If conntrack is built into the kernel, the file has no effect: it is not created there, but an existing one is kept up to date. */
  const ofModule = (path: string, lines: readonly string[]): FileContent =>
    builtIn === true && (files[path] ?? null) === null ? null : of(path, lines);
  return { of, ofModule };
}

/** Ignores order and blanks: a file with the same effect is not written again. */
function sameLines(present: readonly string[], wanted: readonly string[]): boolean {
  const normalized = (lines: readonly string[]): string[] => lines.map((line) => line.replace(/[ \t]+/g, '')).sort();
  return normalized(present).join('\n') === normalized(wanted).join('\n');
}
