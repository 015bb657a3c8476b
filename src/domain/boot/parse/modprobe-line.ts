import type { BootLine } from '../boot-line.ts';
import type { BootFile } from '../boot-input.ts';
import { textOf } from './file-order.ts';

type ModprobeVerb = 'alias' | 'blacklist' | 'install' | 'options' | 'remove' | 'softdep' | 'weakdep';

/** A command of modprobe.d(5) as kmod reads it. */
export interface ModprobeCommand {
  readonly at: BootLine;
  readonly verb: ModprobeVerb;
  /** The first word after the verb, with underscores in place of dashes. */
  readonly subject: string;
  /** What follows the subject; of `alias`, the module's name with underscores in place of dashes; empty if the verb takes nothing more. */
  readonly rest: string;
}

export interface ModprobeText {
  readonly commands: readonly ModprobeCommand[];
  /** kmod ignores them and logs that. */
  readonly notUnderstood: readonly BootLine[];
}

interface LogicalLine {
  readonly text: string;
  /** The number of its first physical line, from 1. */
  readonly line: number;
}

export function readModprobe(file: BootFile): ModprobeText {
  const commands: ModprobeCommand[] = [];
  const notUnderstood: BootLine[] = [];
  for (const { text, line } of logicalLines(textOf(file) ?? '')) {
    const at = { path: file.path, line, text };
    // kmod reads a C string.
    const seen = text.split('\0')[0] ?? '';
    if (seen.startsWith('#') || /^[ \t]*$/.test(seen)) continue;
    const command = parse(seen);
    if (command !== undefined) commands.push({ at, ...command });
    else notUnderstood.push(at);
  }
  return { commands, notUnderstood };
}

/** A name with a bracket that does not close, or was not opened, is a syntax error. */
const NAME = /^(?:[^[\]]|\[[^\]]*\])*$/;

function parse(text: string): Omit<ModprobeCommand, 'at'> | undefined {
  const [, verb = '', afterVerb = ''] = /^[ \t]*([^ \t]+)(?:[ \t]([^]*))?$/.exec(text) ?? [];
  const [, subject, rest = ''] = /^[ \t]*([^ \t]+)(?:[ \t]([^]*))?$/.exec(afterVerb) ?? [];
  if (subject === undefined || !NAME.test(subject)) return undefined;
  switch (verb) {
    case 'alias': {
      const [target] = /[^ \t]+/.exec(rest) ?? [];
      return target === undefined || !NAME.test(target) ? undefined : { verb, subject: underscores(subject), rest: underscores(target) };
    }
    case 'blacklist':
      return { verb, subject: underscores(subject), rest: '' };
    case 'options':
    case 'install':
    case 'remove':
    case 'softdep':
    case 'weakdep':
      return rest === '' ? undefined : { verb, subject: underscores(subject), rest };
    default:
      return undefined;
  }
}

/** `-` and `_` are equal in names, except within brackets. */
export function underscores(name: string): string {
  return name.replace(/\[[^\]]*|-/g, (match) => (match === '-' ? '_' : match));
}

/** Joins lines as kmod does: it drops a backslash and the next line feed; before any other character it drops only the backslash. */
function logicalLines(text: string): readonly LogicalLine[] {
  const lines: LogicalLine[] = [];
  let [current, line, start] = ['', 1, 1];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '\n') {
      lines.push({ text: current, line: start });
      current = '';
      start = line += 1;
    } else if (character === '\\' && text[at + 1] === '\n') {
      line += 1;
      at += 1;
    } else if (character === '\\') {
      // At the end of the file kmod stores EOF (-1) as a byte of the text.
      current += text[at + 1] ?? '\xff';
      at += 1;
    } else current += character;
  }
  if (current !== '') lines.push({ text: current, line: start });
  return lines;
}
