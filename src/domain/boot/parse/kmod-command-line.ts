/** A `module.parameter` of the kernel command line as libkmod parses it. */
export interface CommandLineParameter {
  readonly module: string;
  readonly parameter: string;
  /** As written on the command line. */
  readonly text: string;
}

/** libkmod reads this many bytes. */
const BYTES_READ = 4095;

type State = 'module' | 'parameter' | 'value' | 'ignored';

/** The word that is being parsed. */
interface Word {
  state: State;
  /** Offset of the module's name. */
  start: number;
  /** Offset of the parameter. */
  parameter: number;
  /** Offset of the value. */
  value: number;
  quotedWhole: boolean;
}

/** Blanks separate words, except within a quoted value. A word with a quote anywhere else is ignored. */
export function kmodCommandLine(commandLine: string): readonly CommandLineParameter[] {
  const text = (commandLine.slice(0, BYTES_READ).split('\0')[0] ?? '') + '\n';
  const found: CommandLineParameter[] = [];
  let [word, inQuotes] = [begin(0), false];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '"') {
      inQuotes = !inQuotes;
      quote(word, at, inQuotes);
    } else if (/[ \n\t\v\f\r]/.test(character)) {
      if (inQuotes && word.state !== 'value') word.state = 'ignored';
      if (inQuotes) continue;
      if (word.state === 'parameter' || word.state === 'value') found.push(complete(text, word, at));
      word = begin(at + 1);
    } else if (character === '.') dot(word, at);
    else if (character === '=') equals(word, at);
  }
  return found;
}

function begin(start: number): Word {
  return { state: 'module', start, parameter: start, value: start, quotedWhole: false };
}

function quote(word: Word, at: number, opens: boolean): void {
  if (opens && word.state === 'module' && at === word.start) {
    word.quotedWhole = true;
    word.start = at + 1;
  } else if (word.state !== 'value') word.state = 'ignored';
}

function dot(word: Word, at: number): void {
  if (word.state === 'parameter') word.state = 'ignored';
  if (word.state !== 'module') return;
  word.parameter = at + 1;
  word.state = 'parameter';
}

function equals(word: Word, at: number): void {
  if (word.state === 'module') word.state = 'ignored';
  if (word.state !== 'parameter') return;
  word.value = at + 1;
  word.state = 'value';
}

/** Boot loaders pass `"module.parameter=a value"` with the quote before the name: libkmod moves it before the value. */
function complete(text: string, { start, parameter, value, quotedWhole }: Word, end: number): CommandLineParameter {
  const name = text.slice(start, parameter - 1);
  const written = text.slice(quotedWhole ? start - 1 : start, end);
  if (!quotedWhole) return { module: name, parameter: text.slice(parameter, end), text: written };
  return { module: name, parameter: `${text.slice(parameter, value)}"${text.slice(value, end)}`, text: written };
}
