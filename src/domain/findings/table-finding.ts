import type { FindingDefinition, FindingLevel, LevelOf } from '../finding-definition.ts';

/** Problems with the table now, and facts that change how its numbers read. A new code needs an entry here and a rule that reports it. */
export const TABLE_FINDINGS = {
  TABLE_NEARLY_FULL: {
    levels: ['warning', 'error'],
    meaning:
      'count is 80 % of max or more. `error` from 95 %, where the kernel begins to evict entries that are not assured. At 100 % new flows are dropped.',
    remedy: 'Raise max (`GET /table/sizing` recommends a value). `GET /entries/summary` shows what fills the table.',
  },
  NAMESPACE_NEARLY_FULL: {
    levels: ['warning', 'error'],
    meaning:
      'The count of another named network namespace is 80 % of max or more; max applies to each namespace separately. `error` from 95 %. Checked only with `--namespaces`.',
    remedy: 'Raise max, or reduce the entries of the namespace: `GET /entries/summary?namespace=…` shows what fills it.',
  },
  EARLY_DROPS: {
    levels: ['error'],
    meaning: '`early_drop` has risen: entries that were not assured were evicted to make room for new flows.',
    remedy: 'Raise max (`GET /table/sizing` recommends a value). `GET /entries/summary` shows what fills the table.',
  },
  DROPS: {
    levels: ['error'],
    meaning: '`drop` has risen: packets of new flows were lost because no entry could be allocated or a clash was not resolved.',
    remedy: 'If the table is full, raise max. Otherwise look for clashes (`INSERT_FAILED`).',
  },
  CHAIN_TOO_LONG: {
    levels: ['error'],
    meaning:
      '`chainlength` (`chaintoolong` in `conntrack -S`) has risen: since Linux 5.15 the kernel refuses a new flow whose hash chain is too long.',
    remedy:
      'Raise buckets to at least the number named: a full table then refuses fewer than one new flow in 10,000. If there are enough buckets already, suspect an attack with colliding tuples.',
  },
  CHAIN_LIMIT_AT_MAX: {
    levels: ['warning', 'error'],
    meaning:
      'A full table would refuse new flows for their chain length: at least 1 % of them with the limit of 8 to 31 (kernels before 6.3), or 0.01 % with 50 to 79. `error` if the latter reaches 1 %.',
    remedy: 'Raise buckets to at least the number named.',
  },
  INSERT_FAILED: {
    levels: ['warning'],
    meaning:
      '`insert_failed` has risen. The message shows how many insertions failed because of long chains, and the likely reason of the rest.',
    remedy:
      'Clashes come from several packets of one flow sent at once (in resolv.conf, set `single-request`) and from SNAT to few ports (add ports or addresses).',
  },
  INVALID_STORM: {
    levels: ['warning'],
    meaning: '100 packets per second or more could not be tracked.',
    remedy: 'Set `log_invalid` briefly to see which packets. If routing is asymmetric, set `tcp_be_liberal` or add notrack rules.',
  },
  ORPHANED_ESTABLISHED: {
    levels: ['warning'],
    meaning:
      'At least 100 entries and 5 % of all have seen no packet for half a day or more, judged by the remaining `tcp_timeout_established`. Checked only if `GET /entries/summary` ran without a filter in the last 15 minutes.',
    remedy: 'Lower `tcp_timeout_established` (not below 7440 s), and delete the idle entries with the filter that the remedy names.',
  },
  SHARED_WITH_NAMESPACES: {
    levels: ['information'],
    meaning:
      'The kernel holds at least a quarter more entries than this network namespace has, beyond per-processor reserves: other namespaces have them.',
    remedy: 'Size buckets for all of them. `GET /namespaces` shows how many entries each has.',
  },
  OTHER_DATAPATH: {
    levels: ['information'],
    meaning:
      'The table is nearly empty (fewer than 1,000 entries and 1 % of max), and a network interface points to a datapath with its own tracking (Cilium, Open vSwitch in user space), or at least 100 TCP sockets and four per entry are open.',
    remedy: 'Use the tools of that datapath. If sockets are the only evidence, perhaps no rule enables tracking here.',
  },
  NOTHING_TRACKED: {
    levels: ['information'],
    meaning:
      'The table has no entries, and no rule of nftables or iptables in this network namespace uses conntrack. Since Linux 4.10 a kernel tracks connections only if one does. ' +
      'If the rules cannot be read, the message gives the reason. Open vSwitch and tc track their own flows without such a rule.',
    remedy:
      "To track all connections, add one rule: `nft 'table inet tracking { chain start { ct state new; }; }'`. The chain has no hook, so the rule matches no packet. " +
      'Add the same table to `/etc/nftables.conf` for the next boot.',
  },
  MAX_UNLIMITED: {
    levels: ['warning'],
    meaning: 'max is 0: a flood of new flows can exhaust memory.',
    remedy: 'Set max (`GET /table/sizing` recommends a value).',
  },
  REBOOT_WOULD_CHANGE: {
    levels: ['warning'],
    meaning:
      'The next boot would set a setting to a value other than the live one, or other than this service persisted. Up to ten seconds old.',
    remedy: '`GET /boot` names the effective lines. `PATCH /settings` with `"persist": true` makes the live values permanent.',
  },
} as const satisfies Record<string, FindingDefinition>;

export type TableFindingCode = keyof typeof TABLE_FINDINGS;

export const TABLE_FINDING_CODES = Object.keys(TABLE_FINDINGS) as readonly TableFindingCode[];

export interface TableFinding {
  readonly code: TableFindingCode;
  readonly level: FindingLevel;
  readonly message: string;
  readonly remedy: string;
  /** The numbers it rests on. */
  readonly evidence: Readonly<Record<string, number>>;
}

/** What rules report: a code only with the levels that its definition has. */
export type CheckedFinding = {
  [Code in TableFindingCode]: TableFinding & { readonly code: Code; readonly level: LevelOf<typeof TABLE_FINDINGS, Code> };
}[TableFindingCode];

/** Checks that could not run, and why. Their absence from `findings` means nothing. */
export interface NotChecked {
  readonly codes: readonly TableFindingCode[];
  readonly reason: string;
}

export interface TableFindings {
  /** Errors first. */
  readonly findings: readonly TableFinding[];
  readonly notChecked: readonly NotChecked[];
}
