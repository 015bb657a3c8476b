import type { BootLine } from '../boot-line.ts';
import type { BootFile, BootFilesFound } from '../boot-input.ts';
import { modulesToLoad } from './kernel-command-line.ts';
import { orderFiles, stripSystemd, textOf } from './file-order.ts';

/** A request to load a module before sysctls are set. */
export interface LoadRequest {
  readonly name: string;
  readonly at: BootLine;
  /** systemd-modules-load obeys `blacklist` lines, plain modprobe does not. */
  readonly obeysBlacklist: boolean;
  /** Parameters after the name in /etc/modules, which init scripts pass to modprobe. */
  readonly parameters?: string;
}

/** The requests of a boot, in order. */
export function loadRequests(found: BootFilesFound, init: 'systemd' | 'other'): readonly LoadRequest[] {
  const directories = found.directories.filter(({ kind }) => kind === 'modules-load.d');
  const { read } = orderFiles(directories, ['.conf']);
  if (init === 'systemd') {
    const requested = modulesToLoad(found.commandLine).filter(({ early }) => !early);
    return [...requested.map(({ name, at }) => ({ name, at, obeysBlacklist: true })), ...read.flatMap(systemdRequests)];
  }
  const linked = read.some(({ linkTo }) => linkTo !== undefined && linkTo === found.etcModules?.path);
  const files = found.etcModules === undefined || linked ? read : [...read, found.etcModules];
  return [...files, ...(found.moduleLists ?? [])].flatMap(scriptRequests);
}

/** The requests of the initramfs, before the root file system is mounted. */
export function initramfsRequests(found: BootFilesFound): readonly LoadRequest[] {
  const files = found.initramfs?.files ?? [];
  const lists = files.filter(({ path }) => /(^|\/)conf\/modules$|\/modules-load\.d\/[^/]+\.conf$/.test(path));
  const requested = modulesToLoad(found.commandLine).filter(({ early }) => early);
  const fromFiles = lists.flatMap(scriptRequests);
  return files.length === 0 ? [] : [...fromFiles, ...requested.map(({ name, at }) => ({ name, at, obeysBlacklist: true }))];
}

/** systemd takes the whole line as the name. */
function systemdRequests(file: BootFile): readonly LoadRequest[] {
  return lines(file).map(({ text, at }) => ({ name: text, at, obeysBlacklist: true }));
}

function scriptRequests(file: BootFile): readonly LoadRequest[] {
  return lines(file).map(({ text, at }) => {
    const [name = '', ...parameters] = text.split(/[ \t]+/);
    return { name, at, obeysBlacklist: false, ...(parameters.length > 0 && { parameters: parameters.join(' ') }) };
  });
}

function lines(file: BootFile): readonly { readonly text: string; readonly at: BootLine }[] {
  return (textOf(file) ?? '').split('\n').flatMap((raw, index) => {
    const text = stripSystemd(raw);
    return text === '' || /^[#;]/.test(text) ? [] : [{ text, at: { path: file.path, line: index + 1, text: raw.replace(/\r$/, '') } }];
  });
}
