import { isBefore } from '../kernel-release.ts';
import type { Layout } from '../layout.ts';

/** A new flow is refused if its chain is longer than a limit that is drawn for each insertion from this range, both ends included. */
export interface ChainLimit {
  readonly minimum: number;
  readonly maximum: number;
  /** The kernels that have it. It cannot be read from a running kernel. */
  readonly kernels: string;
}

/** Linux has a limit since 5.15. */
export const CHAIN_LIMITS = [
  { minimum: 8, maximum: 31, kernels: '5.15 to 6.2, and stable branches before March 2023' },
  { minimum: 50, maximum: 79, kernels: '6.3 and later, and stable branches since March 2023' },
] as const satisfies readonly ChainLimit[];

/** Whether the kernel refuses flows whose chain is too long. Red Hat Enterprise Linux 9 (5.14) has the limit too. */
export function hasChainLimit(layout: Layout, release: string | undefined): boolean {
  return layout === 'nf_conntrack' && (!isBefore(release, 5, 15) || /\.el9/.test(release ?? ''));
}

/** An average chain this long exceeds every limit; the sum below would only lose precision. */
const CERTAIN_CHAIN = 400;

/**
 * The chance, 0 to 1, that a new flow is refused. Entries are distributed over buckets at random, so chain lengths follow a Poisson
 * distribution. Each direction of the flow has a chain, and either may refuse.
 */
export function refusalChance(averageChainLength: number, { minimum, maximum }: ChainLimit): number {
  if (averageChainLength <= 0) return 0;
  if (averageChainLength > CERTAIN_CHAIN) return 1;
  const limits = Array.from({ length: maximum - minimum + 1 }, (_, index) => minimum + index);
  const oneChain = limits.reduce((sum, limit) => sum + chanceOfMore(averageChainLength, limit), 0) / limits.length;
  // 1 - (1 - x)², without the cancellation.
  return Math.min(1, oneChain * (2 - oneChain));
}

/** P(X > limit) of a Poisson distribution. */
function chanceOfMore(mean: number, limit: number): number {
  let term = Math.exp(-mean);
  for (let k = 1; k <= limit + 1; k += 1) term *= mean / k;
  let sum = 0;
  for (let k = limit + 2; term > sum * 1e-16 || k <= mean; k += 1) {
    sum += term;
    term *= mean / k;
  }
  return Math.min(1, sum);
}

/** One refusal in ten thousand new flows, at a full table, is not noticeable among other losses. */
export const NEGLIGIBLE_CHANCE = 1e-4;

/** The fewest buckets, in whole quanta, with which a full table refuses a negligible share of new flows, even under the strictest limit. */
export function leastBuckets(entries: number, quantum: number): number {
  let [low, high] = [0, Math.max(1, Math.ceil((2 * entries) / quantum))];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (refusalChance((2 * entries) / (middle * quantum), CHAIN_LIMITS[0]) <= NEGLIGIBLE_CHANCE) high = middle;
    else low = middle;
  }
  return high * quantum;
}
