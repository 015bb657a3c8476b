import type { FileContent } from '../domain/change.ts';
import { kernelNumber } from './kernel-number.ts';
import { appendLine, removeLines, splice } from './lines.ts';

const OPTION = 'hashsize=';
/** A last line that continues: it ends in a backslash that is not escaped. */
const UNFINISHED = /(?<!\\)(?:\\\\)*\\\n?$/;

/** A line as modprobe reads it, with the offset of each of its characters in the file. */
interface LogicalLine {
  text: string;
  readonly offsets: number[];
}

interface HashsizeOption {
  readonly value: string;
  /** Offset of the value in the file. */
  readonly start: number;
  /** Offset after the value. */
  readonly end: number;
  /** Offset of the blank before the word. */
  readonly blank: number;
  /** Offsets of the whole logical line; undefined if it has other options. */
  readonly alone?: { readonly start: number; readonly end: number };
}

/** The buckets that /etc/modprobe.conf sets: the last `hashsize=` for ip_conntrack is effective. */
export function hashsizeInModprobeConf(text: FileContent): number | undefined {
  const effective = hashsizeOptions(text ?? '').at(-1);
  return effective === undefined ? undefined : kernelNumber(effective.value);
}

/** Sets `buckets` in /etc/modprobe.conf: changes only the effective value, or adds a line if there is none. */
export function setHashsizeInModprobeConf(text: FileContent, buckets: number): string {
  const content = text ?? '';
  const effective = hashsizeOptions(content).at(-1);
  if (effective === undefined) return appendLine(endContinuation(content), `options ip_conntrack ${OPTION}${buckets}`);
  if (kernelNumber(effective.value) === buckets) return content;
  return splice(content, effective.start, effective.end, String(buckets));
}

/** Removes the effective `hashsize=`, and its line if that has no other option. */
export function removeHashsizeFromModprobeConf(text: FileContent): FileContent {
  const effective = hashsizeOptions(text ?? '').at(-1);
  if (text === null || effective === undefined) return text;
  if (effective.alone) return removeLines(text, effective.alone.start, effective.alone.end);
  return splice(text, effective.blank, effective.end, '');
}

function hashsizeOptions(text: string): readonly HashsizeOption[] {
  return logicalLines(text).flatMap((line) => {
    const [command, module, ...options] = line.text.matchAll(/[^ \t\v\f\r]+/g);
    if (command?.[0] !== 'options' || module?.[0].replaceAll('-', '_') !== 'ip_conntrack') return [];
    const alone = options.length === 1 ? { alone: { start: line.offsets[0] ?? 0, end: offsetAfter(line, line.offsets.length - 1) } } : {};
    return options.filter(([word]) => word.startsWith(OPTION)).map(({ 0: word, index }) => ({ ...locate(line, word, index), ...alone }));
  });
}

function locate(line: LogicalLine, word: string, index: number): HashsizeOption {
  const afterEquals = offsetAfter(line, index + OPTION.length - 1);
  const end = offsetAfter(line, index + word.length - 1);
  return { value: word.slice(OPTION.length), start: afterEquals, end, blank: line.offsets[index - 1] ?? afterEquals };
}

function offsetAfter(line: LogicalLine, position: number): number {
  return (line.offsets[position] ?? 0) + 1;
}

/** Joins lines as modprobe does: removes a backslash together with a following newline, and alone before any other character. */
function logicalLines(text: string): readonly LogicalLine[] {
  let line: LogicalLine = { text: '', offsets: [] };
  const lines = [line];
  for (let offset = 0; offset < text.length; offset += 1) {
    const escaped = text[offset] === '\\';
    if (escaped) offset += 1;
    const character = text[offset] ?? '';
    if (character !== '\n') {
      line.text += character;
      line.offsets.push(offset);
    } else if (!escaped) {
      line = { text: '', offsets: [] };
      lines.push(line);
    }
  }
  return lines;
}

/** Otherwise modprobe would read an appended line as part of the last one. */
function endContinuation(text: string): string {
  if (!UNFINISHED.test(text)) return text;
  return text.endsWith('\n') ? `${text}\n` : `${text}\n\n`;
}
