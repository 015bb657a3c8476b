import { leastBuckets } from '../sizing/refusal-chance.ts';
import { percent } from './limit-findings.ts';
import type { TableEvidence } from './table-evidence.ts';
import type { CheckedFinding } from './table-finding.ts';

const INVALID_PER_SECOND = 100;
const USUAL_QUANTUM = 512;

interface Seen {
  readonly seconds: number;
  /** Events of the last minutes; 0 for a counter that this kernel has not. */
  readonly of: (name: string) => number;
}

/** What follows from the counters of the last minutes. */
export function ofCounters(evidence: TableEvidence): readonly CheckedFinding[] {
  if (!evidence.lately) return [];
  const { seconds, events } = evidence.lately;
  const seen: Seen = { seconds, of: (name) => events[name] ?? 0 };
  return [...earlyDrops(seen, evidence), ...drops(seen, evidence), ...longChains(seen, evidence), ...failures(seen), ...invalid(seen)];
}

function earlyDrops({ seconds, of }: Seen, { reading }: TableEvidence): readonly CheckedFinding[] {
  const evicted = of('early_drop');
  if (evicted === 0) return [];
  return [
    {
      code: 'EARLY_DROPS',
      level: 'error',
      message: `${inTime(evicted, seconds, 'entries that were not yet assured were evicted')} to make room${fullness(reading)}.`,
      remedy: 'Raise max (GET /table/sizing says to what), or see who fills the table (GET /entries/summary).',
      evidence: { early_drop: evicted, seconds, perSecond: evicted / seconds },
    },
  ];
}

function drops({ seconds, of }: Seen, { reading }: TableEvidence): readonly CheckedFinding[] {
  const lost = of('drop');
  if (lost === 0) return [];
  return [
    {
      code: 'DROPS',
      level: 'error',
      message:
        `${inTime(lost, seconds, 'packets of new flows were lost')}${fullness(reading)}: an entry could not be allocated, ` +
        'or two new flows wanted the same tuple and the clash was not resolved.',
      remedy: 'Where the table is full, raise max (GET /table/sizing). Else look for clashes: clashres and insert_failed rise with it.',
      evidence: { drop: lost, seconds, perSecond: lost / seconds },
    },
  ];
}

function longChains({ seconds, of }: Seen, { reading: { count, max, buckets } }: TableEvidence): readonly CheckedFinding[] {
  const refused = of('chainlength');
  if (refused === 0) return [];
  const entries = Math.max(count ?? 0, max ?? 0);
  const known = { ...(count !== undefined && { count }), ...(buckets !== undefined && { buckets }) };
  const chain = count === undefined || buckets === undefined ? undefined : (2 * count) / buckets;
  const now = chain === undefined ? '' : ` Chains have ${chain.toFixed(1)} on average now, with ${String(buckets)} buckets.`;
  const enough = chain !== undefined && buckets !== undefined && buckets >= leastBuckets(entries, USUAL_QUANTUM);
  return [
    {
      code: 'CHAIN_TOO_LONG',
      level: 'error',
      message: `${inTime(refused, seconds, 'new flows were refused because their hash chain was too long')}.${now}`,
      remedy: enough
        ? 'There are buckets enough: somebody may collide on purpose. See who fills the table (GET /entries/summary).'
        : `Raise buckets to at least ${leastBuckets(entries, USUAL_QUANTUM)}; then a full table refuses fewer than one new flow in 10,000.`,
      evidence: {
        chainlength: refused,
        seconds,
        perSecond: refused / seconds,
        ...known,
        ...(chain !== undefined && { averageChainLength: chain }),
      },
    },
  ];
}

function failures({ seconds, of }: Seen): readonly CheckedFinding[] {
  const failed = of('insert_failed');
  if (failed === 0) return [];
  const chain = Math.min(failed, of('chainlength'));
  const rest = failed - chain;
  const resolved = of('clashres');
  return [
    {
      code: 'INSERT_FAILED',
      level: 'warning',
      message: `${inTime(failed, seconds, 'entries could not be inserted')}: ${reasons(chain, rest, resolved)}.`,
      remedy:
        rest === 0
          ? 'See CHAIN_TOO_LONG.'
          : 'Clashes come of several packets of one flow at once, as resolvers send them (single-request in resolv.conf), and of SNAT to few ports.',
      evidence: { insert_failed: failed, chainlength: chain, clashres: resolved, seconds, perSecond: failed / seconds },
    },
  ];
}

function reasons(chain: number, rest: number, resolved: number): string {
  const long = chain === 0 ? [] : [`${chain} because their chain was too long`];
  if (rest === 0) return long.join('');
  const other =
    resolved > 0
      ? `${rest} most likely because another entry had the tuple: ${resolved} such clashes were resolved in the same time`
      : `${rest} because another entry had the tuple or they were dying; no clash was resolved in the same time`;
  return [...long, other].join(', ');
}

function invalid({ seconds, of }: Seen): readonly CheckedFinding[] {
  const packets = of('invalid');
  if (packets / seconds < INVALID_PER_SECOND) return [];
  return [
    {
      code: 'INVALID_STORM',
      level: 'warning',
      message: `${inTime(packets, seconds, 'packets could not be tracked')}: replies that take another way, packets out of window, or hardware offload.`,
      remedy: 'Set log_invalid for a moment to see which. Where routing is asymmetric, tcp_be_liberal or notrack rules help.',
      evidence: { invalid: packets, seconds, perSecond: packets / seconds },
    },
  ];
}

function inTime(events: number, seconds: number, what: string): string {
  return `${events} ${what} in the last ${Math.round(seconds)} s (${(events / seconds).toPrecision(3)} per second)`;
}

function fullness({ count, max }: TableEvidence['reading']): string {
  return count === undefined || max === undefined || max === 0 ? '' : `; the table is ${percent(count / max)} full now`;
}
