/** One position on the time axis, with one change or with several that are close together. */
export interface Mark<T> {
  /** Pixels from the left end of the axis. */
  readonly left: number;
  readonly items: readonly T[];
}

/** Groups items that would overlap. `items` are sorted by position; items outside the axis are omitted. */
export function toMarks<T>(
  items: readonly T[],
  positionOf: (item: T) => number,
  width: number,
  minimumDistance: number,
): readonly Mark<T>[] {
  const marks: { left: number; items: T[] }[] = [];
  for (const item of items) {
    const left = positionOf(item);
    if (left < 0 || left > width) continue;
    const last = marks.at(-1);
    if (last && left - last.left < minimumDistance) last.items.push(item);
    else marks.push({ left, items: [item] });
  }
  return marks;
}
