import { ConntrackError } from '../../domain/conntrack-error.ts';
import { namespaceReplaced } from '../../domain/namespace-errors.ts';
import { KernelFileError } from '../kernel-file-error.ts';
import { NO_PROCFS_REMEDY } from '../procfs/procfs-table.ts';
import { isAbsent } from '../system-failure.ts';
import type { Refusal } from './dump-pass.ts';

/** Errors of a kernel where ctnetlink is not built, not loaded, or not permitted. */
const NETLINK_MISSING: readonly string[] = ['EPERM', 'EACCES', 'EPROTONOSUPPORT', 'EAFNOSUPPORT', 'ENOTSUP', 'EINVAL'];

export function isNetlinkMissing(refusal: Refusal): boolean {
  return refusal.kind === 'unreadable' && NETLINK_MISSING.includes(refusal.failure.code);
}

/**
 * @param source `ctnetlink`, or the path of a text file
 * @param namespace name of the network namespace; absent: the service's own
 */
export function dumpRefused(source: string, refusal: Refusal, namespace?: string): ConntrackError {
  if (refusal.kind === 'broken') return readingFailed(source, refusal.reason);
  const { what, failure } = refusal;
  if (namespace !== undefined && failure.code === 'ESTALE') return namespaceReplaced(namespace);
  if (source.startsWith('/')) {
    const error = new KernelFileError('read', source, failure);
    return error.toConntrackError('KERNEL_UNREADABLE', isAbsent(failure) ? NO_PROCFS_REMEDY : undefined);
  }
  const remedy =
    failure.code === 'EPERM' ? 'Run the service as root, or give it CAP_NET_ADMIN (and CAP_SYS_ADMIN for other namespaces).' : 'Try again.';
  return new ConntrackError('KERNEL_UNREADABLE', `${source} refused (${what}): ${failure.message}.`, { errno: failure.code, remedy });
}

export function readingFailed(source: string, reason: string): ConntrackError {
  return new ConntrackError('KERNEL_UNREADABLE', `Reading ${source} did not finish: ${reason}.`, { remedy: 'Try again.' });
}

export function requiresNetlink(what: string): ConntrackError {
  return new ConntrackError('NOT_SUPPORTED_HERE', `${what} requires ctnetlink of the running kernel (nf_conntrack layout).`, {
    remedy: 'Check what this host supports (GET /capabilities).',
  });
}

export function entryNotFound(id: string): ConntrackError {
  return new ConntrackError('ENTRY_NOT_FOUND', `Entry ${id} does not exist: its flow has ended, or the id was never valid.`);
}

export function entryReplaced(id: string, now: string): ConntrackError {
  return new ConntrackError('ENTRY_REPLACED', `Entry ${id} no longer exists: another flow has its tuple now, entry ${now}.`, {
    remedy: 'Check the new entry, and use its id if you mean that flow.',
  });
}

/** @param now when the entry that has the id now began; `undefined` if the kernel did not record it */
export function entryRestarted(id: string, expected: string, now: string | undefined): ConntrackError {
  const found = now === undefined ? 'whose start time the kernel did not record' : `which began at ${now}`;
  return new ConntrackError(
    'ENTRY_REPLACED',
    `Entry ${id} that began at ${expected} no longer exists: another flow has its id now, ${found}.`,
    {
      remedy: 'Check the new entry, and use its start time if you mean that flow.',
    },
  );
}
