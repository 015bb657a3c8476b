import type { BootFile, BootFilesFound } from '../boot-input.ts';
import { systemdPath, type SysctlPath } from './sysctl-key.ts';

/** What a run of systemd-sysctl sets. */
export interface SysctlSelection {
  /** Only keys below one of these; empty: every key. */
  readonly prefixes: readonly SysctlPath[];
  /** Only lines of these files, by name or path; empty: all files of sysctl.d. */
  readonly files: readonly string[];
}

export const EVERYTHING: SysctlSelection = { prefixes: [], files: [] };

/** Options that make it print something and set nothing. */
const PRINTS = ['--help', '--version', '--cat-config', '--tldr', '--dry-run'];
const SETS = ['--prefix', '--strict', '--inline', '--no-pager'];

/** Reads the arguments of systemd-sysctl. `undefined` if it sets nothing: it only prints, or refuses its arguments. */
export function selectionOf(words: readonly string[]): SysctlSelection | undefined {
  const [prefixes, files]: [SysctlPath[], string[]] = [[], []];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') return { prefixes, files: [...files, ...words.slice(at + 1)] };
    if (!word.startsWith('-')) {
      files.push(word);
      continue;
    }
    const [option, given] = [completed(word.split('=')[0] ?? ''), word.split('=').slice(1).join('=')];
    if (option === undefined || PRINTS.includes(option)) return undefined;
    if (option !== '--prefix') continue;
    const value = word.includes('=') ? given : words[(at += 1)];
    if (value === undefined) return undefined;
    // With /proc/sys before it, it matches nothing.
    prefixes.push(systemdPath(value));
  }
  return { prefixes, files };
}

/** getopt_long(3) accepts the beginning of an option if no other one begins like it. */
function completed(word: string): string | undefined {
  const found = [...PRINTS, ...SETS].filter((option) => option.startsWith(word));
  if (found.includes(word) || word === '-h') return word === '-h' ? '--help' : word;
  return found.length === 1 ? found[0] : undefined;
}

/** The file that an argument of systemd-sysctl names: a path, or a name in a directory of sysctl.d. Undefined if the service does not read it. */
export function fileOfArgument({ directories, sysctlConf, namedFiles = [] }: BootFilesFound, argument: string): BootFile | undefined {
  const places = directories.filter(({ kind }) => kind === 'sysctl.d');
  if (!argument.startsWith('/'))
    return firstAt(places.flatMap(({ path, files }) => files.filter((file) => file.path === `${path}/${argument}`)));
  const files = [...places.flatMap((place) => place.files), ...(sysctlConf === undefined ? [] : [sysctlConf]), ...namedFiles];
  return files.find(({ path, linkTo }) => path === argument || linkTo === argument);
}

/** A link that leads to nothing is passed over. */
function firstAt(files: readonly BootFile[]): BootFile | undefined {
  return files.find(({ content }) => content.kind !== 'dangling');
}

/** Splits a command as udev and systemd do: at blanks, except between quotes. */
export function commandWords(command: string): readonly string[] {
  return (command.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []).map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}
