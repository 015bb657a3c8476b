import type { FindingLevel } from '../finding-definition.ts';
import type { CounterReading } from '../table.ts';

/** What a counter of this kernel counts. */
export interface CounterMeaning {
  /** The column of /proc/net/stat/nf_conntrack. */
  readonly name: string;
  /** Its name in `conntrack -S`, if that differs. */
  readonly conntrackName?: string;
  readonly meaning: string;
  /** How serious a rise is: `error` needs attention now. */
  readonly level: FindingLevel;
  /** This kernel has the column and no longer counts in it: 0 means nothing. */
  readonly alwaysZero?: true;
}

type Known = Omit<CounterMeaning, 'name' | 'alwaysZero'>;

const information = (meaning: string, conntrackName?: string): Known => ({
  meaning,
  level: 'information',
  ...(conntrackName !== undefined && { conntrackName }),
});

const MEANINGS: Readonly<Record<string, Known>> = {
  early_drop: { level: 'error', meaning: 'An entry that was not assured was evicted to make room: the table is at its limit.' },
  drop: { level: 'error', meaning: 'A new flow was lost: no entry could be allocated, or a clash was not resolved.' },
  chainlength: {
    level: 'error',
    conntrackName: 'chaintoolong',
    meaning: 'A new flow was refused because its hash chain was too long: too few buckets, or an attack with colliding tuples.',
  },
  insert_failed: {
    level: 'warning',
    meaning:
      'An entry was not inserted: another one had its tuple, it was dying, or the chain was too long. Compare with clashres and chainlength.',
  },
  clashres: information('Two packets of one new flow raced and this was resolved without loss; DNS over UDP is typical.', 'clash_resolve'),
  invalid: information('A packet could not be tracked: asymmetric routing, packets out of window, or offload.'),
  search_restart: information('A lookup restarted because the table was resized or an entry was moved.'),
  icmp_error: information('An invalid ICMP packet, or one that does not belong to a known flow.', 'error'),
  found: information('NAT found the tuple it needed in use: SNAT is running out of ports. Before Linux 4.9: every successful lookup.'),
  insert: information('Entries inserted; current kernels count only those created over ctnetlink.'),
  expect_new: information('Expected (related) flows that started.'),
  expect_create: information('Expectations that helpers created.'),
  expect_delete: information('Expectations that were deleted or expired.'),
  searched: information('Entries visited in hash chains during lookups.'),
  new: information('New flows.'),
  ignore: information('Packets excluded from tracking.'),
  delete: information('Entries deleted.'),
  delete_list: information('Entries moved to the list of dying entries.'),
};

/** Columns that kernels kept when they stopped counting. */
const NO_LONGER_COUNTED = new Set(['new', 'ignore', 'delete', 'searched', 'delete_list']);
/** A kernel with this column no longer counts those. */
const CURRENT_KERNELS = 'clashres';

/** In the kernel's order. Unknown counters are left out. */
export function meaningsOf({ perCpu }: CounterReading): readonly CounterMeaning[] {
  const names = Object.keys(perCpu[0] ?? {});
  return names.flatMap((name): readonly CounterMeaning[] => {
    const known = MEANINGS[name];
    const alwaysZero = NO_LONGER_COUNTED.has(name) && names.includes(CURRENT_KERNELS) && perCpu.every((counters) => counters[name] === 0);
    return known ? [{ name, ...known, ...(alwaysZero && { alwaysZero }) }] : [];
  });
}
