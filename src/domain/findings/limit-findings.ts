import { entriesWhenFull } from '../host-entries.ts';
import { CHAIN_LIMITS, hasChainLimit, leastBuckets, refusalChance } from '../sizing/refusal-chance.ts';
import type { TableReading } from '../table.ts';
import type { TableEvidence } from './table-evidence.ts';
import type { CheckedFinding } from './table-finding.ts';

const WARNING_USE = 0.8;
const ERROR_USE = 0.95;
/** Chances of a refusal at a full table from which on it is reported: under the limit of kernels before 6.3, and under the current one. */
const OLD_LIMIT_CHANCE = 0.01;
const NEW_LIMIT_CHANCE = 0.0001;
const NAMED_MAX = 5;
/** Bucket heads in a page of 4 KiB. */
const USUAL_QUANTUM = 512;

/** Findings about count, max and buckets. */
export function ofLimits({ reading, release }: Pick<TableEvidence, 'reading' | 'release'>): readonly CheckedFinding[] {
  return [...nearlyFull(reading), ...namespacesNearlyFull(reading), ...unlimited(reading), ...chainsAtMax(reading, release)];
}

function nearlyFull({ count, max }: TableReading): readonly CheckedFinding[] {
  if (count === undefined || max === undefined || max === 0 || count / max < WARNING_USE) return [];
  const use = count / max;
  const evicts = use > ERROR_USE ? ' Above 95 % the kernel evicts entries that are not assured.' : '';
  return [
    {
      code: 'TABLE_NEARLY_FULL',
      level: use >= ERROR_USE ? 'error' : 'warning',
      message: `${count} of ${max} entries are in use: ${percent(use)}.${evicts} At 100 % new flows are dropped.`,
      remedy: 'Raise max (GET /table/sizing recommends a value). GET /entries/summary shows what fills the table.',
      evidence: { count, max, utilisation: use },
    },
  ];
}

/** The other network namespaces that are read. */
function namespacesNearlyFull({ namespace, max, host }: TableReading): readonly CheckedFinding[] {
  if (max === undefined || max === 0 || !host) return [];
  const full = host.namespaces.filter(({ name, count }) => name !== namespace && count / max >= WARNING_USE);
  const [fullest] = full;
  if (!fullest) return [];
  const use = fullest.count / max;
  const named = full.slice(0, NAMED_MAX).map(({ name, count }) => `${name} has ${count} of ${max} entries (${percent(count / max)})`);
  const more = full.length > NAMED_MAX ? `, and ${full.length - NAMED_MAX} more` : '';
  return [
    {
      code: 'NAMESPACE_NEARLY_FULL',
      level: use >= ERROR_USE ? 'error' : 'warning',
      message: `Network namespace ${named.join(', ')}${more}. At 100 % new flows are dropped there.`,
      remedy: `Raise max (GET /table/sizing recommends a value). GET /entries/summary?namespace=${fullest.name} shows what fills it.`,
      evidence: { count: fullest.count, max, utilisation: use, namespaces: full.length },
    },
  ];
}

function unlimited({ count, max }: TableReading): readonly CheckedFinding[] {
  if (max !== 0) return [];
  return [
    {
      code: 'MAX_UNLIMITED',
      level: 'warning',
      message: 'max is 0, which means no limit: a flood of new flows can exhaust memory.',
      remedy: 'Set max (GET /table/sizing recommends a value).',
      evidence: { max, ...(count !== undefined && { count }) },
    },
  ];
}

/** Without a chain limit, long chains are only slow. */
function chainsAtMax({ layout, count, max, buckets, host }: TableReading, release: string | undefined): readonly CheckedFinding[] {
  if (!hasChainLimit(layout, release) || max === undefined || max === 0 || buckets === undefined) return [];
  const entries = entriesWhenFull(max, count, host);
  const others = entries > max ? ` and of the ${entries - max} entries of other network namespaces` : '';
  const averageChainLength = (2 * entries) / buckets;
  const [strict, current] = CHAIN_LIMITS.map((limit) => refusalChance(averageChainLength, limit)) as [number, number];
  if (strict < OLD_LIMIT_CHANCE && current < NEW_LIMIT_CHANCE) return [];
  return [
    {
      code: 'CHAIN_LIMIT_AT_MAX',
      level: current >= OLD_LIMIT_CHANCE ? 'error' : 'warning',
      message:
        `With ${buckets} buckets, the average chain of a full table (${max} entries)${others} has ${averageChainLength.toFixed(1)} entries. Kernels since 5.15 ` +
        `refuse new flows whose chain is too long: ${percent(strict)} of them with a limit of 8 to 31 (before 6.3), ${percent(current)} with 50 to 79.`,
      remedy: `Raise buckets to at least ${leastBuckets(entries, USUAL_QUANTUM)}; ${entries} is better.`,
      evidence: { max, buckets, averageChainAtMax: averageChainLength, refusalChanceLimit8To31: strict, refusalChanceLimit50To79: current },
    },
  ];
}

export function percent(share: number): string {
  const value = 100 * share;
  return `${value !== 0 && value < 0.1 ? value.toPrecision(1) : value.toFixed(1)} %`;
}
