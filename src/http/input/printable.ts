import { withVisible } from '../../domain/plain-line.ts';
import { NumberLiteral } from './strict-json.ts';

const LIMIT = 64;

/** Untrusted text, safe to show: characters that are not visible are replaced, and it is cut to 64 characters. */
export function printable(text: string): string {
  const clean = withVisible(text.slice(0, LIMIT + 1));
  return clean.length > LIMIT ? `${clean.slice(0, LIMIT - 1)}…` : clean;
}

/** The value that was sent, for `found`. Absent if none was sent. */
export function foundIn(value: unknown): { readonly found?: string } {
  if (value === undefined) return {};
  return { found: printable(value instanceof NumberLiteral ? value.text : JSON.stringify(value)) };
}
