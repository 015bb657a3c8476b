import type { FindingLevel } from '../finding-definition.ts';
import type { CounterReading } from '../table.ts';

/** What a counter of this kernel counts. */
export interface CounterMeaning {
  /** The column of /proc/net/stat/nf_conntrack. */
  readonly name: string;
  /** What `conntrack -S` calls it, where that is another name. */
  readonly conntrackName?: string;
  readonly meaning: string;
  /** How bad it is when it rises: `error` calls for somebody now. */
  readonly level: FindingLevel;
  /** This kernel has the column and counts nothing in it any more: 0 says nothing. */
  readonly alwaysZero?: true;
}

type Known = Omit<CounterMeaning, 'name' | 'alwaysZero'>;

const information = (meaning: string, conntrackName?: string): Known => ({
  meaning,
  level: 'information',
  ...(conntrackName !== undefined && { conntrackName }),
});

const MEANINGS: Readonly<Record<string, Known>> = {
  early_drop: { level: 'error', meaning: 'An entry that was not yet assured was evicted to make room: the table is at its limit.' },
  drop: { level: 'error', meaning: 'A new flow was lost: no entry could be allocated, or a clash was not resolved.' },
  chainlength: {
    level: 'error',
    conntrackName: 'chaintoolong',
    meaning: 'A new flow was refused because its hash chain was too long: too few buckets, or an attack that collides on purpose.',
  },
  insert_failed: {
    level: 'warning',
    meaning:
      'An entry was not inserted: another one had its tuple, it was dying, or the chain was too long. Compare with clashres and chainlength.',
  },
  clashres: information('Two packets of one new flow raced and this was resolved without loss; DNS over UDP is typical.', 'clash_resolve'),
  invalid: information('A packet could not be tracked: asymmetric routing, packets out of window, or offload.'),
  search_restart: information('A lookup began again because the table was resized or an entry moved.'),
  icmp_error: information('A bad ICMP packet, or one that belongs to no known flow.', 'error'),
  found: information('NAT found the tuple it wanted taken: pressure on the ports of SNAT. Before Linux 4.9 every successful lookup.'),
  insert: information('Entries inserted; today’s kernels count only those made over ctnetlink.'),
  expect_new: information('Expected (related) flows that came.'),
  expect_create: information('Expectations that helpers made.'),
  expect_delete: information('Expectations that were deleted or expired.'),
  searched: information('Entries passed on the way through hash chains.'),
  new: information('Flows that began.'),
  ignore: information('Packets that were not to be tracked.'),
  delete: information('Entries deleted.'),
  delete_list: information('Entries put on the list of dying ones.'),
};

/** Columns that stayed when kernels stopped counting. */
const NO_LONGER_COUNTED = new Set(['new', 'ignore', 'delete', 'searched', 'delete_list']);
/** The column that kernels have that no longer count those. */
const TODAYS = 'clashres';

/** In the order in which the kernel has them. A counter that nothing is known of is left out. */
export function meaningsOf({ perCpu }: CounterReading): readonly CounterMeaning[] {
  const names = Object.keys(perCpu[0] ?? {});
  return names.flatMap((name): readonly CounterMeaning[] => {
    const known = MEANINGS[name];
    const alwaysZero = NO_LONGER_COUNTED.has(name) && names.includes(TODAYS) && perCpu.every((counters) => counters[name] === 0);
    return known ? [{ name, ...known, ...(alwaysZero && { alwaysZero }) }] : [];
  });
}
