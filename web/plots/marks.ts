/** What happened at one place of the time axis: one change, or several too close to be told apart. */
export interface Mark<T> {
  /** Pixels from the left end of the axis. */
  readonly left: number;
  readonly items: readonly T[];
}

/** Puts together what would overlap. `items` are in order of their place; what lies outside the axis is left out. */
export function toMarks<T>(items: readonly T[], place: (item: T) => number, width: number, apart: number): readonly Mark<T>[] {
  const marks: { left: number; items: T[] }[] = [];
  for (const item of items) {
    const left = place(item);
    if (left < 0 || left > width) continue;
    const last = marks.at(-1);
    if (last && left - last.left < apart) last.items.push(item);
    else marks.push({ left, items: [item] });
  }
  return marks;
}
