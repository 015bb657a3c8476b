import type { BootInput, WriterFile, WriterProgram } from '../boot-input.ts';
import type { BootLine } from '../boot-line.ts';
import { commandWrites } from '../command-writes.ts';
import { runCommand, scriptCommands, type ScriptCommand } from '../parse/script-commands.ts';
import { shellCommands } from '../parse/shell-commands.ts';
import type { SysctlFiles } from '../parse/sysctl-files.ts';
import { linesOf } from './line-files.ts';
import type { OtherWrite } from './other-write.ts';

/** What precedes a command in a line. A file without an entry is a script. */
const PREFIXES: Partial<Record<WriterProgram, RegExp>> = {
  unit: /^Exec(?:Start|StartPre|StartPost|Reload)\s*=\s*[-@+!:|]*(.*)$/,
  ifupdown: /^(?:pre-up|up|post-up)\s+(.*)$/,
  cron: /^@reboot\s+(?:root\s+)?(.*)$/,
};

/** Services whose main program is followed elsewhere: only commands before and after it are others'. */
const OWN_SERVICES =
  /\/(systemd-sysctl|procps|systemd-modules-load|systemd-udevd?|systemd-tmpfiles-[\w-]+|tuned|ufw|iptables|ip6tables)\.service(\.d\/|$)/;
const BESIDE = /^Exec(?:StartPre|StartPost)\s*=\s*[-@+!:|]*(.*)$/;
const SYSCTL_SERVICE = 'systemd-sysctl.service';

/** Commands of units, scripts, cron, interfaces(5) and cloud-init that set settings. */
export function commandWriters(sources: BootInput, found: SysctlFiles, writer: WriterFile): readonly OtherWrite[] {
  const { file, order } = writer;
  return commandsOf(sources, writer).flatMap(({ at, command, isCertain }): readonly OtherWrite[] => {
    const program = programOf(writer);
    const isAfterSysctls = program === SYSCTL_SERVICE && /^\s*ExecStartPost/.test(at.text);
    const common = { program, order: isAfterSysctls ? 'late' : order, loads: false } as const;
    if (command.kind === 'assign' && command.value === undefined) return [{ ...common, at, path: command.path, isCertain: false }];
    return commandWrites(sources, found, command, at).writes.map((write) => ({
      ...common,
      at,
      ...(write.at.path !== at.path && { source: write.at }),
      path: write.path,
      value: write.value,
      isCertain: isCertain && writer.isConditional !== true && isAlways(writer, file.path),
    }));
  });
}

function commandsOf({ files }: BootInput, { program, file }: WriterFile): readonly ScriptCommand[] {
  const run = (text: string, at: BootLine): readonly ScriptCommand[] =>
    shellCommands(text).flatMap((command) => runCommand(command, at, files));
  if (program === 'cloud-init') return bootCommands(file).flatMap(({ text, at }) => run(text, at));
  const prefix = program === 'unit' && OWN_SERVICES.test(file.path) ? BESIDE : PREFIXES[program];
  return prefix === undefined ? scriptCommands(file) : linesOf(file).flatMap(({ text, at }) => run(prefix.exec(text)?.[1] ?? '', at));
}

/** The items of `bootcmd`, which runs at every boot. `runcmd` and `write_files` run once for an instance. */
function bootCommands(file: WriterFile['file']): readonly { readonly text: string; readonly at: BootLine }[] {
  let isInside = false;
  return linesOf(file).flatMap(({ text, at }) => {
    if (/^\S/.test(at.text) && !/^-/.test(at.text)) isInside = /^bootcmd\s*:/.test(text);
    if (!isInside) return [];
    const item = text.replace(/^bootcmd\s*:\s*/, '').replace(/^-\s*/, '');
    const isList = item.startsWith('[');
    return [{ text: isList ? item.replace(/^\[|\]$/g, '').replace(/\s*,\s*/g, ' ') : item.replace(/^(["'])(.*)\1$/, '$2'), at }];
  });
}

/** Commands of an interface run only when it comes up, and those of a boot script only if the script is reached. */
function isAlways({ program }: WriterFile, path: string): boolean {
  return program === 'unit' || program === 'cron' || program === 'cloud-init' || /\/rc\.local$/.test(path);
}

function programOf({ program, file }: WriterFile): string {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  if (program === 'unit')
    return (
      file.path
        .split('/')
        .find((part) => /\.\w+\.d$/.test(part))
        ?.replace(/\.d$/, '') ?? name
    );
  return program === 'script' ? name : program;
}
