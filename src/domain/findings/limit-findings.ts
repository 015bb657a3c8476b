import { CHAIN_LIMITS, leastBuckets, refusalChance } from '../sizing/refusal-chance.ts';
import type { TableReading } from '../table.ts';
import type { CheckedFinding } from './table-finding.ts';

const WARNING_USE = 0.8;
const ERROR_USE = 0.95;
/** Chance of a refusal at a full table from which it is worth a word: under the limit of older kernels, and under today’s. */
const OLD_LIMIT_CHANCE = 0.01;
const NEW_LIMIT_CHANCE = 0.0001;
/** Bucket heads in a page of 4 KiB. */
const USUAL_QUANTUM = 512;

/** What follows from count, max and buckets alone. */
export function ofLimits(reading: TableReading): readonly CheckedFinding[] {
  return [...nearlyFull(reading), ...unlimited(reading), ...chainsAtMax(reading)];
}

function nearlyFull({ count, max }: TableReading): readonly CheckedFinding[] {
  if (count === undefined || max === undefined || max === 0 || count / max < WARNING_USE) return [];
  const use = count / max;
  const evicts = use > ERROR_USE ? ' Above 95 % the kernel evicts entries that are not yet assured by itself.' : '';
  return [
    {
      code: 'TABLE_NEARLY_FULL',
      level: use >= ERROR_USE ? 'error' : 'warning',
      message: `${count} of ${max} entries are in use: ${percent(use)}.${evicts} At 100 % new flows are dropped.`,
      remedy: 'Raise max (GET /table/sizing says to what), or see who fills the table (GET /entries/summary).',
      evidence: { count, max, utilisation: use },
    },
  ];
}

function unlimited({ count, max }: TableReading): readonly CheckedFinding[] {
  if (max !== 0) return [];
  return [
    {
      code: 'MAX_UNLIMITED',
      level: 'warning',
      message: 'max is 0, which means unlimited: a flood of new flows takes memory until there is none.',
      remedy: 'Set max: GET /table/sizing says to what.',
      evidence: { max, ...(count !== undefined && { count }) },
    },
  ];
}

/** The legacy layout has no limit to chains: a long one is only slow. */
function chainsAtMax({ layout, max, buckets }: TableReading): readonly CheckedFinding[] {
  if (layout === 'ip_conntrack' || max === undefined || max === 0 || buckets === undefined) return [];
  const averageChainLength = (2 * max) / buckets;
  const [strict, today] = CHAIN_LIMITS.map((limit) => refusalChance(averageChainLength, limit)) as [number, number];
  if (strict < OLD_LIMIT_CHANCE && today < NEW_LIMIT_CHANCE) return [];
  return [
    {
      code: 'CHAIN_LIMIT_AT_MAX',
      level: today >= OLD_LIMIT_CHANCE ? 'error' : 'warning',
      message:
        `With ${buckets} buckets the chains of a full table (${max} entries) have ${averageChainLength.toFixed(1)} on average, and a kernel since 5.15 ` +
        `refuses new flows whose chain is too long: ${percent(strict)} of them with a limit of 8 to 31 (before 6.3), ${percent(today)} with 50 to 79.`,
      remedy: `Raise buckets to at least ${leastBuckets(max, USUAL_QUANTUM)}; ${max} is better.`,
      evidence: { max, buckets, averageChainAtMax: averageChainLength, refusalChanceLimit8To31: strict, refusalChanceLimit50To79: today },
    },
  ];
}

export function percent(share: number): string {
  const value = 100 * share;
  return `${value !== 0 && value < 0.1 ? value.toPrecision(1) : value.toFixed(1)} %`;
}
