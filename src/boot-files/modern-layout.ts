import type { FileContent } from '../domain/change.ts';
import type { PersistOptions } from '../domain/persist-options.ts';
import type { SettingValues } from '../domain/setting.ts';
import type { BootLayout, FileContents } from './boot-layout.ts';
import { editsIn, ownLines, renderOwnFile, requireOwn } from './own-file.ts';
import { hashsizeIn, MODPROBE_FILE, modprobeLines } from './own-modprobe-file.ts';
import { MODULES_LOAD_FILE, MODULES_LOAD_LINE } from './own-modules-load-file.ts';
import { LATER_SYSCTL_FILE, SYSCTL_FILE, sysctlLines, sysctlValues } from './own-sysctl-file.ts';

// The hashsize last: without the sysctl file beside it, it would set max to 8 x hashsize.
export const MODERN_FILES = [MODULES_LOAD_FILE, LATER_SYSCTL_FILE, SYSCTL_FILE, MODPROBE_FILE] as const;

/** nf_conntrack: files of our own, no line in anybody else's. */
export const MODERN_LAYOUT: BootLayout = {
  paths: MODERN_FILES.map(({ path }) => path),

  persisted(files) {
    const hashsize = hashsizeIn(ownLines(files[MODPROBE_FILE.path] ?? null));
    return { ...(hashsize !== undefined && { buckets: hashsize }), ...sysctlAsked(files) };
  },

  plan(files, values, terms) {
    for (const file of MODERN_FILES) requireOwn(file, files[file.path] ?? null);
    return write(files, { ...this.persisted(files), ...values }, terms);
  },

  unplan(files, originals, terms) {
    for (const file of MODERN_FILES) requireOwn(file, files[file.path] ?? null);
    const left = Object.entries(this.persisted(files)).filter(([name]) => !Object.hasOwn(originals, name));
    return write(files, Object.fromEntries(left), terms);
  },

  edited(files) {
    return MODERN_FILES.flatMap((file) => editsIn(file, files[file.path] ?? null) ?? []);
  },
};

/** A kill between writing the later file and removing the usual one leaves both: the later one is read last. */
function sysctlAsked(files: FileContents): SettingValues {
  const [usual, later] = [SYSCTL_FILE, LATER_SYSCTL_FILE].map(({ path }) => sysctlValues(ownLines(files[path] ?? null)));
  return { ...usual, ...later };
}

/** The smallest set of files that asks for exactly `values` on this machine; a file that asks for it already stays as it is. */
function write(files: FileContents, values: SettingValues, terms: PersistOptions): FileContents {
  const { buckets, ...others } = values;
  const asked = buckets === undefined || !terms.bucketsSysctl ? others : values;
  const isLater = terms.last || (files[LATER_SYSCTL_FILE.path] ?? null) !== null;
  const [used, unused] = isLater ? [LATER_SYSCTL_FILE, SYSCTL_FILE] : [SYSCTL_FILE, LATER_SYSCTL_FILE];
  const file = fileWriter(files, terms);
  const isEmpty = Object.keys(values).length === 0;
  return {
    ...files,
    [MODULES_LOAD_FILE.path]: file.ofModule(MODULES_LOAD_FILE.path, isEmpty ? [] : [MODULES_LOAD_LINE]),
    [used.path]: file.of(used.path, sysctlLines(asked)),
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
  /** Does nothing on a kernel that has connection tracking built in: not made there, but kept true where it is. */
  const ofModule = (path: string, lines: readonly string[]): FileContent =>
    builtIn === true && (files[path] ?? null) === null ? null : of(path, lines);
  return { of, ofModule };
}

/** Whatever the order and the blanks: what asks for the same is not written again. */
function sameLines(present: readonly string[], wanted: readonly string[]): boolean {
  const plain = (lines: readonly string[]): string[] => lines.map((line) => line.replace(/[ \t]+/g, '')).sort();
  return plain(present).join('\n') === plain(wanted).join('\n');
}
