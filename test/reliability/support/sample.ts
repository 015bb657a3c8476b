/** At most `amount` of the indices 0 to `length` - 1, evenly distributed, including the last one. */
export function evenly(length: number, amount: number): readonly number[] {
  const taken = Math.min(length, amount);
  return Array.from({ length: taken }, (_none, index) => Math.ceil(((index + 1) * length) / taken) - 1);
}

/** Number of substitutes to try for an index that cannot be reached. */
const SUBSTITUTES = 4;

/**
 * Calls `meet` for each of `chosen` in turn. If an index cannot be reached (it occurs in some runs only, as do others of its kind), tries the
 * nearest indices of another kind that were not chosen.
 */
export async function meetEach<Met>(
  chosen: readonly number[],
  kinds: readonly string[],
  meet: (index: number) => Promise<Met | undefined>,
): Promise<{ readonly met: ReadonlyMap<number, Met>; readonly replaced: readonly number[]; readonly missed: readonly number[] }> {
  const met = new Map<number, Met>();
  const replaced: number[] = [];
  const missed: number[] = [];
  const taken = new Set(chosen);
  for (const index of chosen) {
    const substitutes = [...kinds.keys()]
      .filter((other) => !taken.has(other) && kinds[other] !== kinds[index])
      .sort((a, b) => Math.abs(a - index) - Math.abs(b - index))
      .slice(0, SUBSTITUTES);
    const found = await firstMet([index, ...substitutes], meet);
    if (!found) missed.push(index);
    else {
      if (found.index !== index) replaced.push(index);
      taken.add(found.index);
      met.set(found.index, found.result);
    }
  }
  return { met, replaced, missed };
}

async function firstMet<Met>(
  indices: readonly number[],
  meet: (index: number) => Promise<Met | undefined>,
): Promise<{ readonly index: number; readonly result: Met } | undefined> {
  for (const index of indices) {
    const result = await meet(index);
    if (result !== undefined) return { index, result };
  }
  return undefined;
}
