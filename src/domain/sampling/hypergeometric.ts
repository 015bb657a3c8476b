/** A sample without replacement. */
export interface Population {
  /** Entries in the sample, at least 1. */
  readonly size: number;
  /** Entries in the table, at least `size`. */
  readonly entries: number;
}

/** From here on, Stirling's series is exact to a double's precision. */
const STIRLING_FROM = 32;
const LOG_FACTORIALS = logFactorials();
/** Terms that are smaller than this share of their sum end it. */
const NEGLIGIBLE = 1e-9;
/** A probability that is exactly `tail` is often a little more in floating point. */
const ROUNDED = 1 + 1e-9;

/**
 * The least number of entries that a group of the table can have if `seen` of them are in the sample, unless an event of probability `tail` or
 * less happened: the exact lower limit of the hypergeometric distribution, which accounts for the share of the table that was read.
 */
export function fewestInTable(seen: number, population: Population, tail: number): number {
  if (seen === 0) return 0;
  // At this number, so many or more are in every other sample.
  let [low, high] = [seen, Math.ceil((seen * population.entries) / population.size)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (probabilityOfAtLeast(seen, middle, population) > tail * ROUNDED) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The greatest number: as {@link fewestInTable} for the entries that are not in the group. */
export function mostInTable(seen: number, population: Population, tail: number): number {
  return population.entries - fewestInTable(population.size - seen, population, tail);
}

/** How probable `seen` or more in the sample are, if `group` of the table's entries are in the group. `seen` is not below what is expected. */
function probabilityOfAtLeast(seen: number, group: number, { size, entries }: Population): number {
  const others = entries - group;
  if (size - seen > others) return 1;
  let term = Math.exp(logChoose(group, seen) + logChoose(others, size - seen) - logChoose(entries, size));
  let sum = term;
  for (let next = seen; next < group && next < size && term > NEGLIGIBLE * sum; next += 1) {
    term *= ((group - next) * (size - next)) / ((next + 1) * (others - size + next + 1));
    sum += term;
  }
  return sum;
}

function logChoose(from: number, chosen: number): number {
  return logFactorial(from) - logFactorial(chosen) - logFactorial(from - chosen);
}

function logFactorial(n: number): number {
  if (n < STIRLING_FROM) return LOG_FACTORIALS[n] as number;
  return (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1260 * n ** 5);
}

function logFactorials(): readonly number[] {
  const logs = [0];
  for (let n = 1; n < STIRLING_FROM; n += 1) logs.push((logs[n - 1] as number) + Math.log(n));
  return logs;
}
