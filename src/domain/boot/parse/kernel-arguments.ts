import type { BootLine } from '../boot-line.ts';

/** Characters that the kernel's isspace() accepts, for a character class. It knows latin1, hence the no-break space. */
export const KERNEL_BLANK = '\\t\\n\\v\\f\\r \\xa0';

/** A part of an argument string, and the line it comes from. */
export interface ArgumentSource {
  readonly text: string;
  readonly at: BootLine;
}

export interface KernelArgument {
  /** With underscores in place of dashes: the kernel treats them as equal. */
  readonly name: string;
  /** Absent if there is no equals sign. */
  readonly value?: string;
  readonly at: BootLine;
}

const IS_BLANK = new RegExp(`[${KERNEL_BLANK}]`);

/** Splits arguments as the kernel does (next_arg() in lib/cmdline.c), up to a separate `--`. Sources are joined by a blank. */
export function kernelArguments(sources: readonly ArgumentSource[]): readonly KernelArgument[] {
  const text = sources.map((source) => source.text).join(' ');
  const found: KernelArgument[] = [];
  let at = skipBlanks(text, 0);
  while (at < text.length) {
    const begin = at;
    const { name, value, end } = nextArgument(text, begin);
    if (value === undefined && name === '--') break;
    const source = sourceAt(sources, begin);
    if (source !== undefined) found.push({ name: name.replaceAll('-', '_'), at: source.at, ...(value !== undefined && { value }) });
    at = skipBlanks(text, end);
  }
  return found;
}

function nextArgument(text: string, begin: number): { readonly name: string; readonly value?: string; readonly end: number } {
  const quoted = text[begin] === '"';
  const start = quoted ? begin + 1 : begin;
  let [inQuote, equals, end] = [quoted, -1, start];
  for (; end < text.length && (inQuote || !IS_BLANK.test(text[end] ?? '')); end += 1) {
    // An equals sign in the first position does not count.
    if (equals === -1 && text[end] === '=' && end > start) equals = end;
    if (text[end] === '"') inQuote = !inQuote;
  }
  const last = quoted && end > start && text[end - 1] === '"' ? end - 1 : end;
  if (equals === -1) return { name: text.slice(start, last), end };
  const value = text.slice(equals + 1, Math.max(last, equals + 1));
  const unquoted = value.startsWith('"') ? value.slice(1).replace(/"$/, '') : value;
  return { name: text.slice(start, equals), value: unquoted, end };
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && IS_BLANK.test(text[at] ?? '')) at += 1;
  return at;
}

function sourceAt(sources: readonly ArgumentSource[], offset: number): ArgumentSource | undefined {
  let from = 0;
  return sources.find(({ text }) => {
    from += text.length + 1;
    return offset < from;
  });
}
