import type { FileContent } from '../domain/change.ts';
import { kernelNumber } from './kernel-number.ts';
import { appendLine, removeLines, splice } from './lines.ts';

const OPTION = 'hashsize=';
/** A last line that goes on: it ends in a backslash that is not itself escaped. */
const UNFINISHED = /(?<!\\)(?:\\\\)*\\\n?$/;

/** A line as modprobe sees it, and where each of its characters stands in the file. */
interface LogicalLine {
  text: string;
  readonly offsets: number[];
}

interface HashsizeOption {
  readonly value: string;
  /** The value's place in the file: from `start` up to, not including, `end`. */
  readonly start: number;
  readonly end: number;
  /** Of the blank before the word. */
  readonly blank: number;
  /** Of the whole logical line, where nothing else stands on it. */
  readonly alone?: { readonly start: number; readonly end: number };
}

/** The buckets that /etc/modprobe.conf asks for; the last `hashsize=` for ip_conntrack wins. */
export function hashsizeInModprobeConf(text: FileContent): number | undefined {
  const winner = hashsizeOptions(text ?? '').at(-1);
  return winner === undefined ? undefined : kernelNumber(winner.value);
}

/** Makes /etc/modprobe.conf ask for `buckets`: only the value that wins changes; without one a line is added. */
export function setHashsizeInModprobeConf(text: FileContent, buckets: number): string {
  const content = text ?? '';
  const winner = hashsizeOptions(content).at(-1);
  if (winner === undefined) return appendLine(endContinuation(content), `options ip_conntrack ${OPTION}${buckets}`);
  if (kernelNumber(winner.value) === buckets) return content;
  return splice(content, winner.start, winner.end, String(buckets));
}

/** Takes out the `hashsize=` that wins, with its line where nothing else stands on it. */
export function removeHashsizeFromModprobeConf(text: FileContent): FileContent {
  const winner = hashsizeOptions(text ?? '').at(-1);
  if (text === null || winner === undefined) return text;
  if (winner.alone) return removeLines(text, winner.alone.start, winner.alone.end);
  return splice(text, winner.blank, winner.end, '');
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

/** Lines as modprobe joins them: a backslash before a newline vanishes with it, before anything else it vanishes alone. */
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

/** Else an appended line would be read as part of the last one. */
function endContinuation(text: string): string {
  if (!UNFINISHED.test(text)) return text;
  return text.endsWith('\n') ? `${text}\n` : `${text}\n\n`;
}
