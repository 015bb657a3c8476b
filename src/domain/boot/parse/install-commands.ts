import type { ModprobeCommand } from './modprobe-line.ts';
import { underscores } from './modprobe-line.ts';
import { shellCommands, type ShellCommand } from './shell-commands.ts';
import { sysctlCommands } from './sysctl-command.ts';
import type { CommandAt } from './udev-rule.ts';

/**
 * The commands that set settings after an `install` line has loaded the module, as the line of firewalld does. Undefined if it does not load
 * the module first, or does anything else: its effect is then unknown.
 */
export function installCommands({ rest, at }: ModprobeCommand, module: string): readonly CommandAt[] | undefined {
  const [first, ...others] = shellCommands(rest);
  if (first === undefined || !loads(first, module)) return undefined;
  const commands = others.filter((command) => !/(^|\/)(true|:)$/.test(command.words[0] ?? ''));
  const found = commands.map((command) => (/(^|\/)(systemd-)?sysctl$/.test(command.words[0] ?? '') ? sysctlCommands(command) : undefined));
  if (found.includes(undefined)) return undefined;
  const known = found.flatMap((each) => each ?? []);
  if (known.some((command) => command.kind === 'assign' && command.value === undefined)) return undefined;
  return known.map((command) => ({ at, command }));
}

/** `modprobe --ignore-install MODULE`, with nothing else but what kmod puts in place of $CMDLINE_OPTS. */
function loads({ words }: ShellCommand, module: string): boolean {
  const [program = '', ...options] = words;
  const others = options.filter((word) => !/^(-i|--ignore-install|-q|--quiet|-b|--use-blacklist|\$CMDLINE_OPTS)$/.test(word));
  return (
    /(^|\/)modprobe$/.test(program) &&
    options.some((word) => /^(-i|--ignore-install)$/.test(word)) &&
    others.map(underscores).join() === module
  );
}
