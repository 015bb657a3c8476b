import type { BootLine } from '../boot-line.ts';
import type { BootFile, BootInput } from '../boot-input.ts';
import { orderFiles, type FileOrder } from './file-order.ts';
import { procpsWrites, readProcpsSysctl } from './procps-sysctl.ts';
import { pathsOf } from './sysctl-key.ts';
import { readSystemdSysctl, type SysctlLine } from './sysctl-line.ts';
import { EVERYTHING, fileOfArgument, type SysctlSelection } from './systemd-sysctl-command.ts';
import { systemdWrites, type SysctlWrites } from './sysctl-writes.ts';

/** The sysctl files of a host, as systemd-sysctl and procps read them. */
export interface SysctlFiles {
  readonly order: FileOrder;
  readonly lines: readonly SysctlLine[];
  readonly notUnderstood: readonly BootLine[];
  /** Files that the boot reads and the service cannot: what they set is unknown. */
  readonly unreadable: readonly BootFile[];
  readonly procpsFiles: readonly BootFile[];
}

export function sysctlFiles({ files, kernel }: BootInput): SysctlFiles {
  const legacy = kernel.layout === 'ip_conntrack';
  const directories = legacy ? [] : files.directories.filter(({ kind }) => kind === 'sysctl.d');
  const order = orderFiles(directories, ['.conf']);
  const texts = order.read.map(readSystemdSysctl);
  const credential = files.sysctlCredential === undefined ? [] : [readSystemdSysctl(files.sysctlCredential)];
  const own = files.sysctlConf === undefined ? [] : [files.sysctlConf];
  const procpsFiles = [...orderFiles(directories, ['.conf'], true).read, ...own];
  return {
    order,
    lines: texts.flatMap(({ lines }) => lines),
    notUnderstood: [...texts, ...credential].flatMap(({ notUnderstood }) => notUnderstood),
    unreadable: [...new Set([...order.read, ...own])].filter(({ content }) => content.kind === 'unreadable'),
    procpsFiles,
  };
}

export function bySystemd(
  found: SysctlFiles,
  { files, kernel }: BootInput,
  { prefixes, files: named }: SysctlSelection = EVERYTHING,
): SysctlWrites {
  const lines = named.length === 0 ? found.lines : named.flatMap((name) => linesOf(fileOfArgument(files, name)));
  return systemdWrites(lines, pathsOf(kernel.layout, kernel.live, files.formerPaths), prefixes);
}

/** systemd-sysctl as its unit runs it: unless it is given files, it reads the credential after all of them. */
export function bySysctlService(found: SysctlFiles, sources: BootInput, selection: SysctlSelection = EVERYTHING): SysctlWrites {
  return bySystemd({ ...found, lines: [...found.lines, ...linesOf(sources.files.sysctlCredential)] }, sources, selection);
}

function linesOf(file: BootFile | undefined): readonly SysctlLine[] {
  return file === undefined ? [] : readSystemdSysctl(file).lines;
}

export function byProcps(found: SysctlFiles, { files, kernel }: BootInput): SysctlWrites {
  return procpsWrites(found.procpsFiles.flatMap(readProcpsSysctl), pathsOf(kernel.layout, kernel.live, files.formerPaths));
}
