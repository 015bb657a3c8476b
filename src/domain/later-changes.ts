import type { ClosedChange } from './change.ts';

/** What a change did to one setting or file. */
interface Step<T> {
  readonly change: ClosedChange;
  /** The value that the change left; `undefined` if it could not be read. */
  readonly left: T | null | undefined;
}

/**
 * The steps that still stand in the way of a rollback to the value before them. A step that was itself rolled back, completely and in order, is
 * none: the step and the rollback that restored the value before it cancel each other. Compared by the record: a value that is equal again by
 * other means is a conflict.
 *
 * @param steps on one setting or file, oldest first; only those that modified it
 * @param base the value that the rollback expects
 */
export function standingSteps<T>(steps: readonly Step<T>[], base: T | null | undefined): readonly Step<T>[] {
  const standing: Step<T>[] = [];
  const current = (): T | null | undefined => (standing.length === 0 ? base : standing.at(-1)?.left);
  for (const step of steps) {
    const { change, left } = step;
    if (change.kind === 'reapply') {
      // A reboot lost the value, and it was set again.
      while (standing.at(-1)?.change.kind === 'drift' && current() !== left) standing.pop();
      if (current() !== left) standing.push(step);
      continue;
    }
    const undone = standing.findIndex(({ change: earlier }) => isUndoneBy(earlier, change));
    const isInOrder = undone >= 0 && standing.slice(undone).every(({ change: earlier }) => isUndoneBy(earlier, change));
    const previous = undone > 0 ? standing[undone - 1]?.left : base;
    if (isInOrder && left === previous) standing.splice(undone);
    else standing.push(step);
  }
  return standing;
}

/** A confirmation belongs to the change that it confirms: one rollback undoes both. */
function isUndoneBy({ id, kind, relatesTo }: ClosedChange, by: ClosedChange): boolean {
  if (by.kind === 'rollback-to') return id > (by.relatesTo ?? Infinity);
  return by.rollbackOf !== null && (by.rollbackOf === id || (kind === 'confirmation' && by.rollbackOf === relatesTo));
}
