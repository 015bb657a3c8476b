import type { BootFile, BootFilesFound } from '../boot-input.ts';
import type { BootLine } from '../boot-line.ts';
import { textOf } from './file-order.ts';
import { shellCommands, type ShellCommand } from './shell-commands.ts';
import { sysctlCommands, type SysctlCommand } from './sysctl-command.ts';

/** A command of a script that sets settings. */
export interface ScriptCommand {
  readonly at: BootLine;
  readonly command: SysctlCommand;
  /** It runs whenever the script does: it is not in a condition, a loop or a function. */
  readonly isCertain: boolean;
}

/** What a command does to settings, itself or through the script that it runs. */
export function runCommand(command: ShellCommand, at: BootLine, { namedFiles = [] }: BootFilesFound): readonly ScriptCommand[] {
  const own = sysctlCommands(command).map((each) => ({ at, command: each, isCertain: command.isUnconditional }));
  const scripts = namedFiles.filter((file) => command.words.some((word) => word.replace(/^[-@+!:|]+/, '') === file.path) && isScript(file));
  return own.length > 0 ? own : scripts.flatMap(scriptCommands);
}

export function scriptCommands(file: BootFile): readonly ScriptCommand[] {
  const found: ScriptCommand[] = [];
  for (const { text, at } of logicalLines(file)) {
    // Nothing after it runs.
    if (/^exit\b/.test(text)) break;
    const isNested = /^\s/.test(text) || /^(if|for|while|until|case|else|elif|then)\b/.test(text);
    for (const command of shellCommands(text))
      for (const each of sysctlCommands(command)) found.push({ at, command: each, isCertain: !isNested && command.isUnconditional });
  }
  return found;
}

function isScript(file: BootFile): boolean {
  return (textOf(file) ?? '').startsWith('#!');
}

/** Lines that end in a backslash go on in the next one. */
function logicalLines(file: BootFile): readonly { readonly text: string; readonly at: BootLine }[] {
  const lines: { text: string; at: BootLine }[] = [];
  let open: { text: string; at: BootLine } | undefined;
  for (const [index, raw] of (textOf(file) ?? '').split('\n').entries()) {
    const text = (open?.text ?? '') + raw.replace(/\\$/, '');
    open = { text, at: open?.at ?? { path: file.path, line: index + 1, text: raw } };
    if (raw.endsWith('\\')) continue;
    lines.push(open);
    open = undefined;
  }
  return open === undefined ? lines : [...lines, open];
}
