import type { WriterFile } from '../boot-input.ts';
import { exchangeSeparators, resolvedPath } from '../parse/sysctl-key.ts';
import { BUCKETS_PATH } from '../parse/sysctl-command.ts';
import { keyedLines } from './line-files.ts';
import type { OtherWrite } from './other-write.ts';

/** Sections that are commands of tuned itself. */
const NOT_PLUGINS = ['main', 'variables'];

/** The active profile of tuned with those it includes, the included ones first: a later one overrides the keys of an earlier one. */
export function tunedWrites(files: readonly WriterFile[]): readonly OtherWrite[] {
  const lines = files.flatMap(({ file }) => keyedLines(file)).filter(({ section }) => !NOT_PLUGINS.includes(section));
  const typeOf = new Map(lines.filter(({ key }) => key === 'type').map(({ section, value }) => [section, value]));
  const found = new Map<string, OtherWrite>();
  for (const { at, section, key, value } of lines) {
    const plugin = typeOf.get(section) ?? section;
    const path =
      plugin === 'sysctl' ? resolvedPath(exchangeSeparators(key)) : plugin === 'net' && key === 'nf_conntrack_hashsize' ? BUCKETS_PATH : '';
    // `>5` and `<5` of tuned: only if the value is lower or higher now; `${…}`: a variable or function.
    const isPlain = !/[$<>]/.test(value);
    if (path !== '')
      found.set(path, { program: 'tuned', at, path, ...(isPlain && { value }), order: 'late', isCertain: isPlain, loads: false });
  }
  return [...found.values()];
}

/** By default, tuned sets the values of sysctl files again if the profile sets any sysctl. */
export function tunedReapplies(files: readonly WriterFile[], mainConfiguration: WriterFile | undefined): boolean {
  const isOff =
    mainConfiguration !== undefined &&
    keyedLines(mainConfiguration.file).some(({ key, value }) => key === 'reapply_sysctl' && /^(0|false|no|off|n)$/i.test(value));
  return !isOff && files.some(({ file }) => keyedLines(file).some(({ section, key }) => section === 'sysctl' && key !== 'type'));
}
