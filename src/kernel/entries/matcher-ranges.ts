import type { NumberRange } from '../../domain/filter/filter.ts';

/** Whether a number is in one of the ranges. Fast even for hundreds of ranges. */
export function rangesMatcher(ranges: readonly NumberRange[]): (number: number) => boolean {
  const [only, second] = disjoint(ranges);
  if (only === undefined) return () => false;
  const { from, to } = only;
  if (second === undefined) return from === to ? (number) => number === from : (number) => number >= from && number <= to;
  return binarySearchMatcher(disjoint(ranges));
}

function binarySearchMatcher(ranges: readonly NumberRange[]): (number: number) => boolean {
  const from = Float64Array.from(ranges, (range) => range.from);
  const to = Float64Array.from(ranges, (range) => range.to);
  return (number) => {
    let low = 0;
    let high = from.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((from[middle] as number) <= number) low = middle + 1;
      else high = middle;
    }
    return low > 0 && number <= (to[low - 1] as number);
  };
}

/** In ascending order, overlapping ranges joined. */
function disjoint(ranges: readonly NumberRange[]): readonly NumberRange[] {
  const joined: NumberRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last === undefined || range.from > last.to) joined.push(range);
    else joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
  }
  return joined;
}
