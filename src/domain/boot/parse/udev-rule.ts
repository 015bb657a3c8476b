import type { BootLine } from '../boot-line.ts';
import type { BootFilesFound } from '../boot-input.ts';
import { orderFiles, textOf } from './file-order.ts';
import { matchesName } from './glob.ts';
import { runCommand } from './script-commands.ts';
import { shellCommands } from './shell-commands.ts';
import { BUCKETS_PATH, type SysctlCommand } from './sysctl-command.ts';
import { systemdPath } from './sysctl-key.ts';

/** A command that sets settings, and its line. */
export interface CommandAt {
  readonly at: BootLine;
  readonly command: SysctlCommand;
}

/** The commands of udev rules that set settings, in the order in which udev runs them. */
export interface UdevCommands {
  /** When the module is loaded. */
  readonly onLoad: readonly CommandAt[];
  /** At another event, or at one that is not known here. */
  readonly atOtherEvents: readonly CommandAt[];
}

interface Token {
  readonly key: string;
  readonly operator: string;
  readonly value: string;
}

const TOKEN = /([A-Z_]+(?:\{[^}]*\})?)\s*(==|!=|\+=|-=|:=|=)\s*(?:[a-z])?"((?:[^"\\]|\\.)*)"/g;
const MATCHED = new Set(['ACTION', 'SUBSYSTEM', 'KERNEL', 'DEVPATH']);

export function udevCommands(found: BootFilesFound, module: string): UdevCommands {
  const event: Readonly<Record<string, string>> = { ACTION: 'add', SUBSYSTEM: 'module', KERNEL: module, DEVPATH: `/module/${module}` };
  const [assigned, atOtherEvents]: [CommandAt[], CommandAt[]] = [[], []];
  let run: CommandAt[] = [];
  const directories = found.directories.filter(({ kind }) => kind === 'rules.d');
  for (const file of orderFiles(directories, ['.rules']).read) {
    let skipTo: string | undefined;
    for (const { text, line } of ruleLines(textOf(file) ?? '')) {
      const at = { path: file.path, line, text };
      const tokens = [...text.matchAll(TOKEN)].map(([, key = '', operator = '', value = '']) => ({ key, operator, value }));
      if (skipTo !== undefined && !tokens.some(({ key, value }) => key === 'LABEL' && value === skipTo)) continue;
      skipTo = undefined;
      if (!tokens.every((token) => holds(token, event))) {
        if (!isRemoval(tokens))
          atOtherEvents.push(...tokens.flatMap((token) => [...assignment(token, at), ...commandsOf(token, at, found)]));
        continue;
      }
      skipTo = tokens.find(({ key }) => key === 'GOTO')?.value;
      assigned.push(...tokens.flatMap((token) => assignment(token, at)));
      for (const token of tokens.filter(isRun)) run = [...(token.operator === '+=' ? run : []), ...commandsOf(token, at, found)];
    }
  }
  return { onLoad: [...assigned, ...run], atOtherEvents };
}

function isRemoval(tokens: readonly Token[]): boolean {
  return tokens.some(({ key, operator, value }) => key === 'ACTION' && operator === '==' && /^(remove|unbind)$/.test(value));
}

/** `SYSCTL{key}="value"`, or `ATTR{parameters/hashsize}="value"`. udev assigns them before it runs commands. */
function assignment({ key, operator, value }: Token, at: BootLine): readonly CommandAt[] {
  if (operator !== '=' && operator !== ':=') return [];
  const [, kind, name = ''] = /^(SYSCTL|ATTR)\{(.*)\}$/.exec(key) ?? [];
  if (kind === undefined || value.includes('$')) return [];
  if (kind === 'SYSCTL') return [{ at, command: { kind: 'assign', path: systemdPath(name), value } }];
  return name === 'parameters/hashsize' ? [{ at, command: { kind: 'assign', path: BUCKETS_PATH, value } }] : [];
}

/** udev runs a program by its absolute path, without a shell. */
function commandsOf(token: Token, at: BootLine, found: BootFilesFound): readonly CommandAt[] {
  const text = token.value.replaceAll('\\"', '"').trim();
  if (!isRun(token) || !text.startsWith('/')) return [];
  const isShell = /^\S*\/(ba|da|k|z|a)?sh\s+-\w*c\s/.test(text);
  const commands = isShell ? shellCommands(text) : shellCommands(text.replace(/[;&|<>]/g, ' ')).slice(0, 1);
  return commands.flatMap((command) => runCommand(command, at, found));
}

/** A rule that matches on anything else is assumed not to match. */
function holds({ key, operator, value }: Token, event: Readonly<Record<string, string>>): boolean {
  if (operator !== '==' && operator !== '!=') return true;
  if (!MATCHED.has(key)) return false;
  const matches = value.split('|').some((pattern) => matchesName(pattern, event[key] ?? ''));
  return matches === (operator === '==');
}

function isRun({ key }: Token): boolean {
  return key === 'RUN' || key === 'RUN{program}';
}

function ruleLines(text: string): readonly { readonly text: string; readonly line: number }[] {
  const lines: { text: string; line: number }[] = [];
  let open: { text: string; line: number } | undefined;
  text.split('\n').forEach((raw, index) => {
    if (open === undefined && /^\s*(#|$)/.test(raw)) return;
    open = { text: (open?.text ?? '') + raw.replace(/\\$/, ''), line: open?.line ?? index + 1 };
    if (raw.endsWith('\\')) return;
    lines.push(open);
    open = undefined;
  });
  return open === undefined ? lines : [...lines, open];
}
