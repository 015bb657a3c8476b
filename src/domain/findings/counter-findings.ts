import { entriesOfHost } from '../table.ts';
import { leastBuckets } from '../sizing/refusal-chance.ts';
import { percent } from './limit-findings.ts';
import type { TableEvidence } from './table-evidence.ts';
import type { CheckedFinding } from './table-finding.ts';

const INVALID_PER_SECOND = 100;
const USUAL_QUANTUM = 512;

interface Seen {
  readonly seconds: number;
  /** Events of the last minutes; 0 for a counter that this kernel does not have. */
  readonly of: (name: string) => number;
}

/** Findings about the counters of the last minutes. */
export function ofCounters(evidence: TableEvidence): readonly CheckedFinding[] {
  if (!evidence.recent) return [];
  const { seconds, events } = evidence.recent;
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
      message: `${inTime(evicted, seconds, 'entries that were not assured were evicted')} to make room for new flows${fullness(reading)}.`,
      remedy: 'Raise max (GET /table/sizing recommends a value). GET /entries/summary shows what fills the table.',
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
        'or two new flows needed the same tuple and the clash was not resolved.',
      remedy:
        'If the table is full, raise max (GET /table/sizing recommends a value). Otherwise look for clashes: clashres and insert_failed then rise too.',
      evidence: { drop: lost, seconds, perSecond: lost / seconds },
    },
  ];
}

function longChains({ seconds, of }: Seen, { reading }: TableEvidence): readonly CheckedFinding[] {
  const refused = of('chainlength');
  if (refused === 0) return [];
  const { count, max, buckets } = reading;
  const inBuckets = entriesOfHost(reading);
  const entries = Math.max(inBuckets ?? count ?? 0, max ?? 0);
  const known = { ...(count !== undefined && { count }), ...(buckets !== undefined && { buckets }) };
  const chain = inBuckets === undefined || buckets === undefined ? undefined : (2 * inBuckets) / buckets;
  const now = chain === undefined ? '' : ` The average chain has ${chain.toFixed(1)} entries now, with ${String(buckets)} buckets.`;
  const enough = chain !== undefined && buckets !== undefined && buckets >= leastBuckets(entries, USUAL_QUANTUM);
  return [
    {
      code: 'CHAIN_TOO_LONG',
      level: 'error',
      message: `${inTime(refused, seconds, 'new flows were refused because their hash chain was too long')}.${now}`,
      remedy: enough
        ? 'There are enough buckets: suspect an attack with colliding tuples. GET /entries/summary shows what fills the table.'
        : `Raise buckets to at least ${leastBuckets(entries, USUAL_QUANTUM)}: a full table then refuses fewer than one new flow in 10,000.`,
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
          : 'Clashes come from several packets of one flow at once, as resolvers send them (set single-request in resolv.conf), and from SNAT to few ports (add ports or addresses).',
      evidence: { insert_failed: failed, chainlength: chain, clashres: resolved, seconds, perSecond: failed / seconds },
    },
  ];
}

function reasons(chain: number, rest: number, resolved: number): string {
  const long = chain === 0 ? [] : [`${chain} because their chain was too long`];
  if (rest === 0) return long.join('');
  const other =
    resolved > 0
      ? `${rest} most likely because another entry had the tuple: ${resolved} such clashes were resolved in the same period`
      : `${rest} because another entry had the tuple or they were dying; no clash was resolved in the same period`;
  return [...long, other].join(', ');
}

function invalid({ seconds, of }: Seen): readonly CheckedFinding[] {
  const packets = of('invalid');
  if (packets / seconds < INVALID_PER_SECOND) return [];
  return [
    {
      code: 'INVALID_STORM',
      level: 'warning',
      message: `${inTime(packets, seconds, 'packets could not be tracked')}: asymmetric routing, packets out of window, or hardware offload. They may be dropped by rules that refuse INVALID packets.`,
      remedy: 'Set log_invalid briefly to see which packets. If routing is asymmetric, set tcp_be_liberal or add notrack rules.',
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
