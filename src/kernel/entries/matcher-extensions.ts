import type { NumberRange } from '../../domain/filter/filter.ts';
import type { EntryView, Matcher } from './entry-view.ts';

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
  const names = helpers.map((name) => new TextEncoder().encode(name));
  return (view) => {
    for (const name of names) {
      if (isHelper(view, name)) return true;
    }
    return false;
  };
}

function isHelper({ bytes, helper, helperLength }: EntryView, name: Uint8Array): boolean {
  if (helperLength !== name.length) return false;
  for (let at = 0; at < helperLength; at += 1) {
    if (bytes[helper + at] !== name[at]) return false;
  }
  return true;
}
