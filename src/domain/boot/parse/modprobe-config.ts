import type { BootLine } from '../boot-line.ts';
import type { BootFile, BootFilesFound } from '../boot-input.ts';
import type { Layout } from '../../layout.ts';
import { blacklistedOnCommandLine, kmodOptions } from './kernel-command-line.ts';
import { orderFiles, type FileOrder } from './file-order.ts';
import { matchesName } from './glob.ts';
import type { ArgumentSource } from './kernel-arguments.ts';
import { readModprobe, underscores, type ModprobeCommand } from './modprobe-line.ts';

/** What kmod knows when it loads a module: its files in order, then the kernel command line. */
export interface ModprobeConfig {
  readonly order: FileOrder;
  readonly commands: readonly ModprobeCommand[];
  readonly notUnderstood: readonly BootLine[];
  readonly commandLine: BootFilesFound['commandLine'];
}

export function modprobeConfig(found: BootFilesFound, layout: Layout): ModprobeConfig {
  // module-init-tools, of that time, looks no further where there is a modprobe.conf.
  if (layout === 'ip_conntrack' && found.modprobeConf !== undefined) {
    const order = { read: [found.modprobeConf], masked: [], passedOver: [] };
    return { order, ...readAll(order.read), commandLine: found.commandLine };
  }
  // A directory masks nothing for kmod, as it does for systemd; links in a circle do for both.
  const directories = found.directories
    .filter(({ kind }) => kind === 'modprobe.d')
    .map((directory) => ({
      ...directory,
      files: directory.files.filter(({ content }) => content.kind !== 'irregular' || content.isCircle),
    }));
  const order = orderFiles(directories, ['.conf', '.alias']);
  return { order, ...readAll(order.read), commandLine: found.commandLine };
}

/** The configuration that the initramfs carries, with the same command line. */
export function initramfsConfig(found: BootFilesFound): ModprobeConfig | undefined {
  const files = found.initramfs?.files;
  if (files === undefined) return undefined;
  const copies = files.filter(({ path }) => /\/modprobe\.d\/[^/]+$/.test(path));
  const directories = [...new Set(copies.map(({ path }) => path.slice(0, path.lastIndexOf('/'))))].sort((a, b) => rank(a) - rank(b));
  const order = orderFiles(
    directories.map((path) => ({ kind: 'modprobe.d', path, files: copies.filter((file) => file.path.startsWith(`${path}/`)) })),
    ['.conf', '.alias'],
  );
  return { order, ...readAll(order.read), commandLine: found.commandLine };
}

/** The administrator's directory first, the distribution's last. */
function rank(directory: string): number {
  return ['etc', 'run', 'usr'].findIndex((top) => directory.startsWith(`/${top}/`)) + (directory.startsWith('/usr/lib/') ? 1 : 0);
}

export function readAll(files: readonly BootFile[]): Pick<ModprobeConfig, 'commands' | 'notUnderstood'> {
  const texts = files.map(readModprobe);
  return { commands: texts.flatMap(({ commands }) => commands), notUnderstood: texts.flatMap(({ notUnderstood }) => notUnderstood) };
}

/** The options of a module that is loaded under `names` (its own and an alias), in the order in which the kernel gets them. */
export function optionsOf(config: ModprobeConfig, names: readonly string[]): readonly ArgumentSource[] {
  const inFiles = config.commands.filter(({ verb, subject }) => verb === 'options' && names.includes(subject));
  const onCommandLine = kmodOptions(config.commandLine).filter(({ module }) => names.includes(module));
  return [...inFiles.map(({ rest, at }) => ({ text: rest.replaceAll('\t', ' '), at })), ...onCommandLine];
}

/** The command that is run instead of loading the module: the first one. */
export function installLine(config: ModprobeConfig, module: string): ModprobeCommand | undefined {
  return config.commands.find(({ verb, subject }) => verb === 'install' && matchesName(subject, module));
}

export function isBlacklisted(config: ModprobeConfig, module: string): boolean {
  const inFiles = config.commands.some(({ verb, subject }) => verb === 'blacklist' && subject === module);
  return inFiles || blacklistedOnCommandLine(config.commandLine).includes(module);
}

/** The modules that a name stands for by `alias` lines, which go before modules of that name; none where no line matches. */
export function aliasedModules(config: ModprobeConfig, name: string): readonly string[] {
  const asked = underscores(name);
  return config.commands.filter(({ verb, subject }) => verb === 'alias' && matchesName(subject, asked)).map(({ rest }) => rest);
}

/** Modules that bring `module` along by a softdep line. */
export function softDependents(config: ModprobeConfig, module: string): readonly string[] {
  return config.commands
    .filter(
      ({ verb, rest }) =>
        verb === 'softdep' &&
        rest
          .split(/[ \t\n\v\f\r]+/)
          .map(underscores)
          .includes(module),
    )
    .map(({ subject }) => subject);
}
