/** At most `amount` of the indices 0 to `length` - 1, evenly spread, the last one included. */
export function evenly(length: number, amount: number): readonly number[] {
  const taken = Math.min(length, amount);
  return Array.from({ length: taken }, (_none, index) => Math.ceil(((index + 1) * length) / taken) - 1);
}

/** Where a chosen one cannot be met: those after it that were not chosen themselves. */
const SUBSTITUTES = 4;

/** Calls `meet` for each of `chosen` in turn; for one that it cannot meet, for the next ones of `length` that are not chosen, until one is met. */
export async function meetEach<Met>(
  chosen: readonly number[],
  length: number,
  meet: (index: number) => Promise<Met | undefined>,
): Promise<{ readonly met: ReadonlyMap<number, Met>; readonly replaced: readonly number[]; readonly missed: readonly number[] }> {
  const met = new Map<number, Met>();
  const replaced: number[] = [];
  const missed: number[] = [];
  const taken = new Set(chosen);
  for (const index of chosen) {
    const substitutes = Array.from({ length: SUBSTITUTES }, (_none, ahead) => index + 1 + ahead).filter(
      (next) => next < length && !taken.has(next),
    );
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
