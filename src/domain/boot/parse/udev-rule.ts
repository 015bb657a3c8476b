import type { BootLine } from '../boot-line.ts';
import type { BootFilesFound } from '../boot-input.ts';
import { orderFiles, textOf } from './file-order.ts';
import { matchesName } from './glob.ts';
import { commandWords, selectionOf, type SysctlSelection } from './systemd-sysctl-command.ts';

/** A udev rule that runs systemd-sysctl when the module is added. */
export interface ReapplyingRule {
  readonly at: BootLine;
  readonly selection: SysctlSelection;
}

interface Token {
  readonly key: string;
  readonly operator: string;
  readonly value: string;
}

const TOKEN = /([A-Z_]+(?:\{[^}]*\})?)\s*(==|!=|\+=|-=|:=|=)\s*(?:[a-z])?"((?:[^"\\]|\\.)*)"/g;
const MATCHED = new Set(['ACTION', 'SUBSYSTEM', 'KERNEL', 'DEVPATH']);

/** The rules that set sysctls again when `module` is loaded, in the order in which udev reads them. */
export function reapplyingRules(found: BootFilesFound, module: string): readonly ReapplyingRule[] {
  const event: Readonly<Record<string, string>> = { ACTION: 'add', SUBSYSTEM: 'module', KERNEL: module, DEVPATH: `/module/${module}` };
  const rules: ReapplyingRule[] = [];
  const directories = found.directories.filter(({ kind }) => kind === 'rules.d');
  for (const file of orderFiles(directories, ['.rules']).read) {
    let skipTo: string | undefined;
    for (const { text, line } of ruleLines(textOf(file) ?? '')) {
      const tokens = [...text.matchAll(TOKEN)].map(([, key = '', operator = '', value = '']) => ({ key, operator, value }));
      if (skipTo !== undefined && !tokens.some(({ key, value }) => key === 'LABEL' && value === skipTo)) continue;
      skipTo = undefined;
      if (!tokens.every((token) => holds(token, event))) continue;
      skipTo = tokens.find(({ key }) => key === 'GOTO')?.value;
      for (const token of tokens) {
        if (!isRun(token)) continue;
        if (token.operator !== '+=') rules.length = 0;
        const selection = selectionOfCommand(token.value);
        if (selection !== undefined) rules.push({ at: { path: file.path, line, text }, selection });
      }
    }
  }
  return rules;
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

/** What a command that calls systemd-sysctl sets; undefined for any other command. */
function selectionOfCommand(command: string): SysctlSelection | undefined {
  const [program = '', ...words] = commandWords(command);
  return /(^|\/)systemd-sysctl$/.test(program) ? selectionOf(words) : undefined;
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
