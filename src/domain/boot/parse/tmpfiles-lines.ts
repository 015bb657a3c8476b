import type { BootFile } from '../boot-input.ts';
import type { BootLine } from '../boot-line.ts';
import { inNameOrder, textOf } from './file-order.ts';

/** A line of tmpfiles.d that writes to files that exist. */
export interface TmpfilesWrite {
  readonly at: BootLine;
  readonly path: string;
  /** Whether the path is a pattern of glob(3), with braces. */
  readonly isPattern: boolean;
  /** Absent if it comes from a credential or contains a specifier. */
  readonly value?: string;
}

interface Item extends TmpfilesWrite {
  /** Lines of other types only take their place among the paths. */
  readonly writes: boolean;
  /** A line of a type like `z` does not keep others from their path. */
  readonly claims: boolean;
  readonly isAppended: boolean;
  /** Everything behind the path. */
  readonly settings: string;
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', s: ' ' },
  ...{ '\\': '\\', '"': '"', "'": "'" },
};
const ESCAPE = /([^\\]+)|\\(x[0-9a-fA-F]{2}|[0-3][0-7]{2}|[^]?)/g;
const WORD = /\s*((?:"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|\\[^]|[^\s"'\\])+)/y;
const FIELDS = 6;
/** Types without a pattern in the path, which are applied first; types with a pattern; types that may share a path with any other. */
const TYPE = /^(?:([fFdDvqQpLcbC])|([wexXrR])|([zZm]))([!+\-=~^$?]*)$/;

/**
 * What systemd-tmpfiles writes, in order. The lines of a path are done together, where the first of them is. A line for the path of an
 * earlier one is ignored, unless the two are the same or both are `w+`.
 *
 * @param files those that are read; none masks another
 */
export function tmpfilesWrites(files: readonly BootFile[]): readonly TmpfilesWrite[] {
  return sorted(files).accepted.filter(({ writes }) => writes);
}

/** A line that writes nothing. */
export interface IgnoredTmpfilesLine {
  readonly at: BootLine;
  /** The earlier line for the path. Absent if systemd-tmpfiles cannot read the line. */
  readonly by?: BootLine;
}

/** Lines that look like one that writes, and do not. */
export function tmpfilesIgnored(files: readonly BootFile[]): readonly IgnoredTmpfilesLine[] {
  const invalid = files.flatMap(linesOf).filter((at) => /^\s*[wfF]/.test(at.text) && itemOf(at) === undefined);
  return [
    ...invalid.map((at) => ({ at })),
    ...sorted(files).rejected.flatMap(({ item: { at, writes }, by }) => (writes ? [{ at, by }] : [])),
  ];
}

interface SortedItems {
  readonly accepted: readonly Item[];
  readonly rejected: readonly { readonly item: Item; readonly by: BootLine }[];
}

/** Lines with a pattern come after all others. */
function sorted(files: readonly BootFile[]): SortedItems {
  const items = inNameOrder(files)
    .flatMap(linesOf)
    .flatMap((at) => itemOf(at) ?? []);
  const rejected: { item: Item; by: BootLine }[] = [];
  const byPath = new Map<string, Item[]>();
  for (const item of items.toSorted((a, b) => Number(a.isPattern) - Number(b.isPattern))) {
    const key = `${String(item.isPattern)} ${item.path}`;
    const earlier = byPath.get(key) ?? [];
    byPath.set(key, earlier);
    const other = earlier.find((each) => !agree(each, item));
    if (other === undefined) earlier.push(item);
    else rejected.push({ item, by: other.at });
  }
  return { accepted: [...byPath.values()].flat(), rejected };
}

function agree(one: Item, other: Item): boolean {
  return !one.claims || !other.claims || one.settings === other.settings || (one.isAppended && other.isAppended);
}

function linesOf(file: BootFile): readonly BootLine[] {
  return (textOf(file) ?? '')
    .split(/\r?\n/)
    .map((text, index) => ({ path: file.path, line: index + 1, text }))
    .filter(({ text }) => /^\s*[^#\s]/.test(text));
}

function itemOf(at: BootLine): Item | undefined {
  const { words, rest } = split(at.text.trimEnd());
  const [first = '', given, mode = '-', , , age = '-'] = words;
  const [whole, plain, pattern, , modifiers = ''] = TYPE.exec(first) ?? [];
  if (whole === undefined || new Set(modifiers).size < modifiers.length || !isMode(mode) || !isAge(age)) return undefined;
  const path = given?.startsWith('/') === true ? simplified(given) : undefined;
  if (path === undefined) return undefined;
  const argument = rest === '' || rest === '-' ? undefined : rest;
  const isAppended = pattern === 'w' && modifiers.includes('+');
  const writes = pattern === 'w' || plain === 'F' || (plain === 'f' && modifiers.includes('+'));
  const settings = [...words.slice(2), argument].join(' ');
  const item = { at, path, isPattern: plain === undefined, claims: (plain ?? pattern) !== undefined, isAppended, settings };
  if (!writes || argument === undefined) return pattern === 'w' ? undefined : { ...item, writes: false };
  if (modifiers.includes('^')) return { ...item, writes };
  const bytes = modifiers.includes('~') ? decoded(argument) : unescaped(argument);
  if (bytes === undefined) return undefined;
  const value = withoutSpecifiers(bytes);
  return { ...item, writes, ...(value !== undefined && { value }) };
}

/** The fields without quotes and backslashes, and the argument as it is written. No fields if a quote does not end. */
function split(text: string): { readonly words: readonly string[]; readonly rest: string } {
  const words: string[] = [];
  let at = 0;
  for (; words.length < FIELDS && text.slice(at).trim() !== ''; at = WORD.lastIndex) {
    WORD.lastIndex = at;
    const [, word] = WORD.exec(text) ?? [];
    if (word === undefined) return { words: [], rest: '' };
    words.push(word.replace(/"((?:[^"\\]|\\[^])*)"|'((?:[^'\\]|\\[^])*)'/g, '$1$2').replace(/\\([^])/g, '$1'));
  }
  return { words, rest: text.slice(at).trimStart() };
}

/** Undefined if there is an escape that systemd does not know. */
function unescaped(text: string): string | undefined {
  const characters = [...text.matchAll(ESCAPE)].map(([, plain, escape]) => plain ?? characterOf(escape ?? ''));
  return characters.includes(undefined) ? undefined : characters.join('');
}

function characterOf(escape: string): string | undefined {
  if (escape.length < 3) return ESCAPES[escape];
  const code = escape.startsWith('x') ? parseInt(escape.slice(1), 16) : parseInt(escape, 8);
  return code === 0 ? undefined : String.fromCharCode(code);
}

function decoded(text: string): string | undefined {
  const digits = text.replace(/\s/g, '');
  const isBase64 = digits.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(digits);
  return isBase64 ? Buffer.from(digits, 'base64').toString('latin1') : undefined;
}

/** Undefined if there is a specifier other than `%%`. */
function withoutSpecifiers(text: string): string | undefined {
  return /^(?:[^%]|%%)*$/.test(text) ? text.replaceAll('%%', '%') : undefined;
}

/** Undefined if systemd-tmpfiles refuses the path, or if it is not known. */
function simplified(path: string): string | undefined {
  const parts = withoutSpecifiers(path)
    ?.split('/')
    .filter((part) => part !== '' && part !== '.');
  return parts === undefined || parts.includes('..') ? undefined : `/${parts.join('/')}`;
}

function isMode(text: string): boolean {
  return /^(-|[~:]*[0-7]+)$/.test(text);
}

function isAge(text: string): boolean {
  return (
    text === '-' ||
    /^[~a-zA-Z]*:?(0|(\d+(\.\d+)?\s*(us|µs|ms|s|sec|seconds?|m|min|minutes?|h|hr|hours?|d|days?|w|weeks?|M|months?|y|years?)\s*)+)$/.test(
      text,
    )
  );
}
