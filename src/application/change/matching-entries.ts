import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { DumpOutcome } from '../../domain/entry.ts';

export function countMismatch(expected: number, found: number): ConntrackError {
  const message = `${found} entries match now, but ${expected} were expected: the counts differ by more than 10 %.`;
  return new ConntrackError('COUNT_MISMATCH', message, {
    conflicts: [{ subject: 'count', expected: String(expected), found: String(found) }],
    remedy: 'Repeat with "dryRun": true to see what matches, then send the new count.',
  });
}

/** @param what `deleted` */
export function requiresNetlink(what: string, source: string): ConntrackError {
  return new ConntrackError('NOT_SUPPORTED_HERE', `Entries can only be ${what} over ctnetlink; here they are read from ${source}.`, {
    remedy: 'Run the service with CAP_NET_ADMIN on a kernel that has nf_conntrack_netlink.',
  });
}

export function notCounted(outcome: Exclude<DumpOutcome, 'complete'>): ConntrackError {
  return new ConntrackError('KERNEL_UNREADABLE', `The entries could not be counted: the dump of the table ended as ${outcome}.`, {
    remedy: 'Repeat the request.',
  });
}
