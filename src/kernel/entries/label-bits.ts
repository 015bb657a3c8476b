import type { EntryView } from './entry-view.ts';

export function hasLabel(view: EntryView, label: number): boolean {
  return (((view.bytes[view.labels + (label >>> 3)] ?? 0) >>> (label & 7)) & 1) === 1;
}

/** The numbers of the bits that are set, ascending. */
export function labelNumbers(view: EntryView): readonly number[] {
  return Array.from({ length: view.labelsLength * 8 }, (_, label) => label).filter((label) => hasLabel(view, label));
}
