import type { BootFile } from '../boot-input.ts';
import type { BootLine } from '../boot-line.ts';
import { textOf } from '../parse/file-order.ts';

/** A line of a file with sections, without comments: `key = value` or `key: value`. */
export interface KeyedLine {
  readonly at: BootLine;
  /** In lower case; empty before the first section. */
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

export function keyedLines(file: BootFile): readonly KeyedLine[] {
  let section = '';
  return linesOf(file).flatMap(({ text, at }) => {
    section = /^\[([^\]]+)\]\s*$/.exec(text)?.[1]?.toLowerCase() ?? section;
    const [, key, value] = /^["']?([^=:\s"'][^=:]*?)["']?\s*[=:]\s*(.*?)\s*$/.exec(text) ?? [];
    return key === undefined || value === undefined ? [] : [{ at, section, key, value: value.replace(/^(["'])(.*)\1$/, '$2') }];
  });
}

/** Lines that are neither blank nor comments, without blanks around them. */
export function linesOf(file: BootFile): readonly { readonly text: string; readonly at: BootLine }[] {
  return (textOf(file) ?? '').split('\n').flatMap((raw, index) => {
    const text = raw.trim();
    return text === '' || /^[#;]/.test(text) ? [] : [{ text, at: { path: file.path, line: index + 1, text: raw.replace(/\r$/, '') } }];
  });
}
