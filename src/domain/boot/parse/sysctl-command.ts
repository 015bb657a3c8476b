import type { ShellCommand } from './shell-commands.ts';
import { exchangeSeparators, systemdPath, type SysctlPath } from './sysctl-key.ts';
import { selectionOf, type SysctlSelection } from './systemd-sysctl-command.ts';

/** What a command does to settings. */
export type SysctlCommand =
  /** `value` is absent if it is computed when the command runs. */
  | { readonly kind: 'assign'; readonly path: SysctlPath; readonly value?: string }
  | { readonly kind: 'systemd'; readonly selection: SysctlSelection }
  /** sysctl of procps; without files, all of them (`--system`). `pattern`: only keys that match. */
  | { readonly kind: 'procps'; readonly files: readonly string[]; readonly pattern?: string };

/** The sysctl that has the same effect as the parameter of a loaded module. */
export const BUCKETS_PATH = 'net/netfilter/nf_conntrack_buckets';
const HASHSIZE = /^\/sys\/module\/(?:nf|ip)_conntrack\/parameters\/hashsize$/;
/** In its directory. */
const DEFAULT_FILE = 'sysctl.conf';

export function sysctlCommands(command: ShellCommand): readonly SysctlCommand[] {
  const { words } = command;
  const at = words.findIndex((word) => /^(?:[-@+!:|]*\/\S*\/|[-@+!:|]*)(systemd-sysctl|sysctl)$/.test(word));
  const isRedirected = words.includes('>') || words.includes('tee');
  if (at === -1 || isRedirected) return written(words);
  const options = words.slice(at + 1);
  if (words[at]?.endsWith('systemd-sysctl') !== true) return procps(options);
  const selection = selectionOf(options);
  return selection === undefined ? [] : [{ kind: 'systemd', selection }];
}

/** The path below /proc/sys of a file; of the parameter of the module, that of the sysctl. */
export function settingFile(path: string): SysctlPath | undefined {
  if (HASHSIZE.test(path)) return BUCKETS_PATH;
  const [, below] = /^\/proc\/sys\/(.+)$/.exec(path) ?? [];
  return below === undefined ? undefined : systemdPath(below);
}

/** `echo 5 > FILE`, or `tee FILE` at the end of a pipe. */
function written(words: readonly string[]): readonly SysctlCommand[] {
  const arrow = words.findLastIndex((word) => word === '>' || word === 'tee');
  const path = arrow === -1 ? undefined : settingFile(words.slice(arrow + 1).find((word) => !word.startsWith('-')) ?? '');
  if (path === undefined) return [];
  const echo = words.findIndex((word) => /(^|\/)(echo|printf)$/.test(word));
  const value = echo === -1 || echo > arrow ? undefined : words.slice(echo + 1, arrow).filter((word) => !/^-[neE]+$/.test(word));
  return [{ kind: 'assign', path, ...(value !== undefined && value.length < 2 && literal(value[0] ?? '')) }];
}

function literal(text: string | undefined): { readonly value?: string } {
  return text === undefined || /[$`]/.test(text) ? {} : { value: text.replace(/\\n$/, '') };
}

function procps(options: readonly string[]): readonly SysctlCommand[] {
  const { values, rest } = takeOptions(options, { '--pattern': true, '-r': true });
  const pattern = (values['--pattern'] ?? values['-r'])?.at(-1);
  const filter = pattern === undefined ? {} : { pattern };
  if (rest.includes('--system')) return [{ kind: 'procps', files: [], ...filter }];
  const load = rest.find((word) => /^(-[a-zA-Z]*p|--load)/.test(word));
  if (load !== undefined) {
    const [, attached = ''] = /^(?:-[a-zA-Z]*?p|--load=?)(.*)$/.exec(load) ?? [];
    const others = rest.filter((word) => !word.startsWith('-'));
    const files = [...(attached === '' ? [] : [attached]), ...others];
    return [{ kind: 'procps', files: files.length > 0 ? files : [DEFAULT_FILE], ...filter }];
  }
  return rest.flatMap((word): readonly SysctlCommand[] => {
    const [, key, value] = /^(?!-)([^=]+?)\s*=\s*([^]*)$/.exec(word) ?? [];
    return key === undefined ? [] : [{ kind: 'assign', path: systemdPath(exchangeSeparators(key)), ...literal(value) }];
  });
}

interface TakenOptions {
  readonly values: Readonly<Record<string, readonly string[] | undefined>>;
  readonly rest: readonly string[];
}

/** Options with a value, as `--option=value` or `--option value`. */
function takeOptions(words: readonly string[], options: Readonly<Record<string, true>>): TakenOptions {
  const values: Record<string, string[]> = {};
  const rest: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const [, name = '', attached] = /^(-{1,2}[\w-]+)(?:=([^]*))?$/.exec(words[at] ?? '') ?? [];
    if (!Object.hasOwn(options, name)) {
      rest.push(words[at] ?? '');
      continue;
    }
    if (attached === undefined) at += 1;
    (values[name] ??= []).push(attached ?? words[at] ?? '');
  }
  return { values, rest };
}
