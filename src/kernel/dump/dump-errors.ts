import { ConntrackError } from '../../domain/conntrack-error.ts';
import { KernelFileError } from '../kernel-file-error.ts';
import { NO_PROCFS_REMEDY } from '../procfs/procfs-table.ts';
import { isAbsent } from '../system-failure.ts';
import type { Refusal } from './dump-pass.ts';

/** What the kernel answers where ctnetlink is not built, not loaded, or not for us. */
const NETLINK_MISSING: readonly string[] = ['EPERM', 'EACCES', 'EPROTONOSUPPORT', 'EAFNOSUPPORT', 'ENOTSUP', 'EINVAL'];

export function isNetlinkMissing(refusal: Refusal): boolean {
  return refusal.kind === 'unreadable' && NETLINK_MISSING.includes(refusal.failure.code);
}

/** @param source `ctnetlink`, or the path of a text */
export function refusedDump(source: string, refusal: Refusal): ConntrackError {
  if (refusal.kind === 'broken') return brokenOff(source, refusal.reason);
  const { what, failure } = refusal;
  if (source.startsWith('/')) {
    const error = new KernelFileError('read', source, failure);
    return error.toConntrackError('KERNEL_UNREADABLE', isAbsent(failure) ? NO_PROCFS_REMEDY : undefined);
  }
  const remedy =
    failure.code === 'EPERM' ? 'Run the service as root, or give it CAP_NET_ADMIN (and CAP_SYS_ADMIN for other namespaces).' : 'Try again.';
  return new ConntrackError('KERNEL_UNREADABLE', `${source} refused (${what}): ${failure.message}.`, { errno: failure.code, remedy });
}

export function brokenOff(source: string, reason: string): ConntrackError {
  return new ConntrackError('KERNEL_UNREADABLE', `Reading ${source} did not finish: ${reason}.`, { remedy: 'Try again.' });
}

export function notWithoutNetlink(what: string): ConntrackError {
  return new ConntrackError('NOT_SUPPORTED_HERE', `${what} needs ctnetlink: the nf_conntrack layout of the host itself.`, {
    remedy: 'See what this host offers (GET /capabilities).',
  });
}

export function entryNotFound(id: string): ConntrackError {
  return new ConntrackError('ENTRY_NOT_FOUND', `There is no entry ${id}: the flow ended, or never was.`);
}

export function entryReplaced(id: string, now: string): ConntrackError {
  return new ConntrackError('ENTRY_REPLACED', `Entry ${id} is gone, and another flow has its tuple now: ${now}.`, {
    remedy: 'Look at the new entry, and name it if it is meant.',
  });
}
