import type { BootLine } from '../boot-line.ts';
import type { BootFile, BootFilesFound } from '../boot-input.ts';
import { modulesToLoad } from './kernel-command-line.ts';
import { orderFiles, textOf } from './file-order.ts';
import { stripSystemd } from './kernel-space.ts';

/** A module that something asks for before sysctls are set. */
export interface LoadRequest {
  readonly name: string;
  readonly at: BootLine;
  /** systemd-modules-load heeds `blacklist` lines, a plain modprobe does not. */
  readonly heedsBlacklist: boolean;
  /** Parameters that stand in /etc/modules beside the name; init scripts hand them on. */
  readonly parameters?: string;
}

/** What is asked for at boot, in order. */
export function loadRequests(found: BootFilesFound, init: 'systemd' | 'other'): readonly LoadRequest[] {
  const directories = found.directories.filter(({ kind }) => kind === 'modules-load.d');
  const { read } = orderFiles(directories, ['.conf']);
  if (init === 'systemd') {
    const asked = modulesToLoad(found.commandLine).filter(({ early }) => !early);
    return [...asked.map(({ name, at }) => ({ name, at, heedsBlacklist: true })), ...read.flatMap(systemdRequests)];
  }
  const linked = read.some(({ linkTo }) => linkTo !== undefined && linkTo === found.etcModules?.path);
  const files = found.etcModules === undefined || linked ? read : [...read, found.etcModules];
  return files.flatMap(scriptRequests);
}

/** What the initramfs loads before the root file system is there. */
export function initramfsRequests(found: BootFilesFound): readonly LoadRequest[] {
  const files = found.initramfs?.files ?? [];
  const lists = files.filter(({ path }) => /(^|\/)conf\/modules$|\/modules-load\.d\/[^/]+\.conf$/.test(path));
  const asked = modulesToLoad(found.commandLine).filter(({ early }) => early);
  const fromFiles = lists.flatMap(scriptRequests);
  return files.length === 0 ? [] : [...fromFiles, ...asked.map(({ name, at }) => ({ name, at, heedsBlacklist: true }))];
}

/** The whole line is the name. */
function systemdRequests(file: BootFile): readonly LoadRequest[] {
  return lines(file).map(({ text, at }) => ({ name: text, at, heedsBlacklist: true }));
}

function scriptRequests(file: BootFile): readonly LoadRequest[] {
  return lines(file).map(({ text, at }) => {
    const [name = '', ...parameters] = text.split(/[ \t]+/);
    return { name, at, heedsBlacklist: false, ...(parameters.length > 0 && { parameters: parameters.join(' ') }) };
  });
}

function lines(file: BootFile): readonly { readonly text: string; readonly at: BootLine }[] {
  return (textOf(file) ?? '').split('\n').flatMap((raw, index) => {
    const text = stripSystemd(raw);
    return text === '' || /^[#;]/.test(text) ? [] : [{ text, at: { path: file.path, line: index + 1, text: raw.replace(/\r$/, '') } }];
  });
}
