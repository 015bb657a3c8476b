import { NumberLiteral } from './strict-json.ts';

const LIMIT = 64;
/** Control, format (bidi overrides), separator and lone surrogate characters: they could forge log lines or terminal output. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Untrusted text, safe to show: unprintable characters are replaced, and it is cut to 64 characters. */
export function printable(text: string): string {
  const clean = text.slice(0, LIMIT + 1).replace(UNPRINTABLE, '\u{FFFD}');
  return clean.length > LIMIT ? `${clean.slice(0, LIMIT - 1)}…` : clean;
}

/** The value that was sent, for `found`. Absent if none was sent. */
export function foundIn(value: unknown): { readonly found?: string } {
  if (value === undefined) return {};
  return { found: printable(value instanceof NumberLiteral ? value.text : JSON.stringify(value)) };
}
