import type { Estimate } from '../entry-summary.ts';
import { fewestInTable, mostInTable, type Population } from './hypergeometric.ts';

export const CONFIDENCE = 0.95;
/** Of each side. */
const TAIL = (1 - CONFIDENCE) / 2;

/** Of how many keys the largest are returned as rows. */
export interface Selection {
  readonly rows: number;
  /** Keys that could have become a row, whether or not they are in the sample. */
  readonly keys: number;
}

/** Numbers of the table's entries from those of a sample. */
export class Estimator {
  private readonly population: Population;
  /** The same numbers are frequent among small rows. */
  private readonly known = new Map<string, Estimate>();

  constructor(population: Population) {
    this.population = population;
  }

  /** Of a group that does not depend on the sample. @param seen entries of the group in the sample */
  of(seen: number): Estimate {
    return this.estimate(seen, seen, TAIL);
  }

  /**
   * Of a row, which is returned because it is among the largest in the sample: of many keys, those are in part the ones of which the sample
   * has too many. The lower limit is that of a false coverage-statement rate (Benjamini and Yekutieli 2005): of the rows that are returned,
   * 95 % have an interval with the true number, however many keys there are. The selection does not affect the upper limit in this way.
   *
   * @param error the most by which `seen` can be too high
   */
  ofRow(seen: number, error: number, { rows, keys }: Selection): Estimate {
    return this.estimate(seen - error, seen, TAIL * Math.min(1, rows / keys));
  }

  private estimate(least: number, seen: number, tail: number): Estimate {
    const name = `${String(least)} ${String(seen)} ${String(tail)}`;
    const known = this.known.get(name);
    if (known) return known;
    const { size, entries } = this.population;
    const share = seen / size;
    const estimate: Estimate = {
      share,
      entries: Math.round(share * entries),
      low: fewestInTable(least, this.population, tail),
      high: mostInTable(seen, this.population, TAIL),
    };
    this.known.set(name, estimate);
    return estimate;
  }
}

/**
 * About how many keys the table has, from those in a sample (Chao 1984): the more keys were seen only once, and the fewer twice, the more were not
 * seen. At most one for each entry that was not read.
 *
 * @param once keys with one entry in the sample @param twice with two @param unread entries of the table that are not in the sample
 */
export function likelyKeys(distinct: number, once: number, twice: number, unread: number): number {
  return distinct + Math.min(unread, (once * (once - 1)) / (2 * (twice + 1)));
}
