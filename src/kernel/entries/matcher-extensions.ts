import type { NumberRange } from '../../domain/filter/filter.ts';
import type { Matcher } from './entry-view.ts';

const LABEL_BYTES = 16;

/** Whether at least one label of the ranges is set. Bit n is bit n % 8 of octet n / 8, as on all little-endian hosts. */
export function labelMatcher(ranges: readonly NumberRange[]): Matcher {
  const wanted = new Uint8Array(LABEL_BYTES);
  for (const { from, to } of ranges) {
    for (let bit = from; bit <= to; bit += 1) wanted[bit >> 3] = (wanted[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
  return (view) => {
    const length = Math.min(view.labelsLength, LABEL_BYTES);
    for (let at = 0; at < length; at += 1) {
      if (((view.bytes[view.labels + at] as number) & (wanted[at] as number)) !== 0) return true;
    }
    return false;
  };
}

/** Whether the helper's name equals one of the names. */
export function helperMatcher(helpers: readonly string[]): Matcher {
  const names = helpers.map(octetsOf);
  return (view) => isAny(names, view.bytes, view.helper, view.helperLength);
}

/** Whether the security context equals one of the contexts. */
export function contextMatcher(contexts: readonly string[]): Matcher {
  const wanted = contexts.map(octetsOf);
  return (view) => isAny(wanted, view.bytes, view.secctx, view.secctxLength);
}

function octetsOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function isAny(texts: readonly Uint8Array[], bytes: Uint8Array, from: number, length: number): boolean {
  for (const text of texts) {
    if (text.length === length && isAt(text, bytes, from)) return true;
  }
  return false;
}

function isAt(text: Uint8Array, bytes: Uint8Array, from: number): boolean {
  for (let at = 0; at < text.length; at += 1) {
    if (bytes[from + at] !== text[at]) return false;
  }
  return true;
}
