import type { BootFile, BootInput } from './boot-input.ts';
import type { BootLine } from './boot-line.ts';
import { matchesGlob } from './parse/glob.ts';
import { procpsWrites, readProcpsSysctl } from './parse/procps-sysctl.ts';
import type { SysctlCommand } from './parse/sysctl-command.ts';
import { bySystemd, type SysctlFiles } from './parse/sysctl-files.ts';
import { pathsOf } from './parse/sysctl-key.ts';
import type { SysctlLine } from './parse/sysctl-line.ts';
import type { SysctlWrites } from './parse/sysctl-writes.ts';

const NOTHING: SysctlWrites = { writes: [], dropped: [] };

/** What a command writes, at the line of the command or at the lines of the files that it reads. */
export function commandWrites(sources: BootInput, found: SysctlFiles, command: SysctlCommand, at: BootLine): SysctlWrites {
  switch (command.kind) {
    case 'assign':
      if (command.value === undefined) return NOTHING;
      return { writes: [{ path: command.path, value: command.value, at, ignoresErrors: true }], dropped: [] };
    case 'systemd':
      return bySystemd(found, sources, command.selection);
    case 'procps': {
      const files = command.files.length === 0 ? found.procpsFiles : command.files.flatMap((path) => fileAt(sources, path));
      return procpsWrites(files.flatMap(readProcpsSysctl).filter(matching(command.pattern)), existing(sources));
    }
  }
}

function existing({ files, kernel }: BootInput): readonly string[] {
  return pathsOf(kernel.layout, kernel.live, files.formerPaths);
}

/** The files with a path, which may be a glob or the base name of a file in sysctl.d. */
function fileAt({ files }: BootInput, path: string): readonly BootFile[] {
  const { sysctlConf, namedFiles = [] } = files;
  const inDirectories = files.directories.filter(({ kind }) => kind === 'sysctl.d').flatMap((directory) => directory.files);
  const all = [...inDirectories, ...(sysctlConf ? [sysctlConf] : []), ...namedFiles];
  const found = all.filter((file) => file.path === path || matchesGlob(path, file.path));
  return path.includes('/') ? found : all.filter((file) => file.path.endsWith(`/${path}`)).slice(0, 1);
}

/** sysctl matches the pattern with the whole line as it is written, also with the value, up to a NUL. */
function matching(pattern: string | undefined): (line: SysctlLine) => boolean {
  const expression = pattern === undefined ? undefined : toExpression(pattern);
  return ({ at }) => expression?.test((at.text.split('\0')[0] ?? '').trim()) !== false;
}

/** Extended regular expressions are close enough to those of JavaScript; what is not valid there is taken to match. */
function toExpression(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern);
  } catch {
    return undefined;
  }
}
