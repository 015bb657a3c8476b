import type { BootLine } from '../boot-line.ts';
import type { BootFile, BootFilesFound } from '../boot-input.ts';
import type { Layout } from '../../layout.ts';
import { blacklistedOnCommandLine, kmodOptions } from './kernel-command-line.ts';
import { inNameOrder, orderFiles, type FileOrder } from './file-order.ts';
import { matchesName } from './glob.ts';
import type { ArgumentSource } from './kernel-arguments.ts';
import { readModprobe, type ModprobeCommand } from './modprobe-line.ts';

/** The configuration that kmod loads modules with: its files in order, and modules.softdep among them; then the kernel command line. */
export interface ModprobeConfig {
  readonly order: FileOrder;
  readonly commands: readonly ModprobeCommand[];
  readonly notUnderstood: readonly BootLine[];
  readonly commandLine: BootFilesFound['commandLine'];
}

export function modprobeConfig(found: BootFilesFound, layout: Layout): ModprobeConfig {
  // module-init-tools, used with ip_conntrack, reads nothing else if modprobe.conf exists.
  if (layout === 'ip_conntrack' && found.modprobeConf !== undefined) {
    const order = { read: [found.modprobeConf], masked: [], ignored: [] };
    return { order, ...readAll(order.read), commandLine: found.commandLine };
  }
  // For kmod a directory does not mask a file, unlike for systemd; links in a circle mask it for both.
  const directories = found.directories
    .filter(({ kind }) => kind === 'modprobe.d')
    .map((directory) => ({
      ...directory,
      files: directory.files.filter(({ content }) => content.kind !== 'irregular' || content.isCircle),
    }));
  return configOf(orderFiles(directories, ['.conf', '.alias']), found);
}

function configOf(order: FileOrder, { modules, commandLine }: BootFilesFound): ModprobeConfig {
  const files = modules?.softdeps === undefined ? order.read : inNameOrder([modules.softdeps, ...order.read]);
  return { order, ...readAll(files), commandLine };
}

/** The copy of the configuration in the initramfs, with the same command line. */
export function initramfsConfig(found: BootFilesFound): ModprobeConfig | undefined {
  const files = found.initramfs?.files;
  if (files === undefined) return undefined;
  const copies = files.filter(({ path }) => /\/modprobe\.d\/[^/]+$/.test(path));
  const directories = [...new Set(copies.map(({ path }) => path.slice(0, path.lastIndexOf('/'))))].sort((a, b) => rank(a) - rank(b));
  const order = orderFiles(
    directories.map((path) => ({ kind: 'modprobe.d', path, files: copies.filter((file) => file.path.startsWith(`${path}/`)) })),
    ['.conf', '.alias'],
  );
  return configOf(order, found);
}

/** Precedence: the administrator's directory first, the distribution's last. */
function rank(directory: string): number {
  return ['etc', 'run', 'usr'].findIndex((top) => directory.startsWith(`/${top}/`)) + (directory.startsWith('/usr/lib/') ? 1 : 0);
}

export function readAll(files: readonly BootFile[]): Pick<ModprobeConfig, 'commands' | 'notUnderstood'> {
  const texts = files.map(readModprobe);
  return { commands: texts.flatMap(({ commands }) => commands), notUnderstood: texts.flatMap(({ notUnderstood }) => notUnderstood) };
}

/** The options of a module that is loaded under `names` (its own and an alias), in the order in which they are passed to the kernel. */
export function optionsOf(config: ModprobeConfig, names: readonly string[]): readonly ArgumentSource[] {
  const inFiles = config.commands.filter(({ verb, subject }) => verb === 'options' && names.includes(subject));
  const onCommandLine = kmodOptions(config.commandLine).filter(({ module }) => names.includes(module));
  return [...inFiles.map(({ rest, at }) => ({ text: rest, at })), ...onCommandLine].map((option) => ({
    ...option,
    text: option.text.replaceAll('\t', ' '),
  }));
}

/** The first command that runs instead of loading the module. */
export function installLine(config: ModprobeConfig, module: string): ModprobeCommand | undefined {
  return config.commands.find(({ verb, subject }) => verb === 'install' && matchesName(subject, module));
}

/** The first line that blacklists the module. */
export function blacklistLine(config: ModprobeConfig, module: string): BootLine | undefined {
  const inFiles = config.commands.find(({ verb, subject }) => verb === 'blacklist' && subject === module);
  return inFiles?.at ?? blacklistedOnCommandLine(config.commandLine).find(({ name }) => name === module)?.at;
}

/** The `alias` lines for a name: they take precedence over a module of that name. */
export function aliasesOf(config: ModprobeConfig, name: string): readonly ModprobeCommand[] {
  return config.commands.filter(({ verb, subject }) => verb === 'alias' && matchesName(subject, name));
}

/** The modules to load before and after this one. Only the first matching line counts. */
export function softdepOf(config: ModprobeConfig, module: string): { readonly pre: readonly string[]; readonly post: readonly string[] } {
  const line = config.commands.find(({ verb, subject }) => verb === 'softdep' && matchesName(subject, module));
  const found = { pre: [] as string[], post: [] as string[] };
  let names: string[] = [];
  for (const word of (line?.rest ?? '').split(/[ \t\n\v\f\r]+/).filter((each) => each !== '')) {
    if (word === 'pre:') names = found.pre;
    else if (word === 'post:') names = found.post;
    else names.push(word);
  }
  return found;
}
