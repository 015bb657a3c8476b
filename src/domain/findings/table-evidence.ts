import type { BootDifference } from '../boot/compare/boot-differences.ts';
import type { Counters } from '../counters/increments.ts';
import type { TimeoutBin } from '../entry-summary.ts';
import type { TableReading } from '../table.ts';

/** What else there is on the host that has to do with connections. */
export interface HostContext {
  /** TCP sockets of the service’s network namespace, listening ones included; absent where they cannot be read. */
  readonly tcpSockets?: number;
  /** Other datapaths that track connections by themselves, in words, each with what tells of it. */
  readonly datapaths: readonly string[];
}

/** Timeouts of all entries, from a pass over the table that somebody has asked for. */
export interface SeenTimeouts {
  readonly ageSeconds: number;
  readonly entries: number;
  readonly timeouts: readonly TimeoutBin[];
  /** `tcp_timeout_established`; absent where it cannot be read. */
  readonly establishedSeconds?: number;
}

/** All that findings are made of; what is absent is not assessed. */
export interface TableEvidence {
  readonly reading: TableReading;
  /** Events of the last minutes, all processors together. */
  readonly lately?: { readonly seconds: number; readonly events: Counters };
  /** Why `lately` is absent. */
  readonly notLately?: string;
  readonly processors?: number;
  readonly hostContext?: HostContext;
  readonly seen?: SeenTimeouts;
  /** What a reboot would change; absent where it cannot be told, and `notBoot` says why. */
  readonly boot?: readonly BootDifference[];
  readonly notBoot?: string;
}
