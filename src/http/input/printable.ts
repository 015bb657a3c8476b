import { NumberLiteral } from './strict-json.ts';

const LIMIT = 64;
/** Control, format (bidi overrides), separator and lone surrogate characters: they could forge a log line or a terminal. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Text from outside, safe to echo: no unprintable characters, at most 64 of them. */
export function printable(text: string): string {
  const clean = text.slice(0, LIMIT + 1).replace(UNPRINTABLE, '\u{FFFD}');
  return clean.length > LIMIT ? `${clean.slice(0, LIMIT - 1)}…` : clean;
}

/** A value as it was sent, for `found`; absent when nothing was sent. */
export function foundIn(value: unknown): { readonly found?: string } {
  if (value === undefined) return {};
  return { found: printable(value instanceof NumberLiteral ? value.text : JSON.stringify(value)) };
}
