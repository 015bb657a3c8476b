import type { BootDifference } from '../boot/compare/boot-differences.ts';
import type { Counters } from '../counters/increments.ts';
import type { TimeoutBin } from '../entry-summary.ts';
import type { TableReading } from '../table.ts';

/** Other facts about connections on the host. */
export interface HostContext {
  /** TCP sockets of the service’s network namespace, including listening ones. Absent if it cannot be read. */
  readonly tcpSockets?: number;
  /** Of the kernel, as `uname -r`. Absent if it cannot be read. */
  readonly release?: string;
  /** Descriptions of other datapaths that track connections, each with its evidence. */
  readonly datapaths: readonly string[];
}

/** Whether a rule makes the kernel track connections in the service's network namespace. `unknown` has the reason. */
export type RuleUse = 'used' | 'unused' | { readonly unknown: string };

/** Timeouts of all entries, from the last pass over the table that a client requested. */
export interface SeenTimeouts {
  readonly ageSeconds: number;
  readonly entries: number;
  readonly timeouts: readonly TimeoutBin[];
  /** `tcp_timeout_established`; absent if it cannot be read. */
  readonly establishedSeconds?: number;
}

/** The input of all checks. A check whose input is absent does not run. */
export interface TableEvidence {
  readonly reading: TableReading;
  /** Of the kernel, as `uname -r`. Absent if it cannot be read. */
  readonly release?: string;
  /** Events of the last minutes, summed over all processors. */
  readonly recent?: { readonly seconds: number; readonly events: Counters };
  /** Why `recent` is absent. */
  readonly notRecent?: string;
  readonly processors?: number;
  readonly hostContext?: HostContext;
  /** Read only if the table has no entries. */
  readonly ruleUse?: RuleUse;
  readonly seen?: SeenTimeouts;
  /** What a reboot would change. Absent if it is unknown; `noBoot` then has the reason. */
  readonly boot?: readonly BootDifference[];
  readonly noBoot?: string;
}
