import { ConntrackError } from '../../domain/conntrack-error.ts';
import { isAbsent } from '../system-failure.ts';
import type { Refusal } from './event-stream.ts';

const INSTEAD = 'Poll GET /api/v1/entries instead.';
const PRIVILEGE = 'Run the service as root, or give it CAP_NET_ADMIN in the user namespace that owns the network namespace.';
/** Errors of a kernel that was built without events. */
const UNKNOWN_TO_KERNEL = ['EINVAL', 'ENOTSUP', 'EPROTONOSUPPORT'];

export function notSupported(message: string, remedy = INSTEAD, errno?: string): ConntrackError {
  return new ConntrackError('NOT_SUPPORTED_HERE', message, { remedy, ...(errno !== undefined && { errno }) });
}

export function tooMany(message: string): ConntrackError {
  return new ConntrackError('TOO_MANY_DUMPS', message, { remedy: 'Wait until a client has disconnected, or disconnect one.' });
}

/** Whether the namespace was deleted or replaced after it was located. */
export function isPlaceLost(refusal: Refusal): boolean {
  if (refusal.kind === 'broken') return false;
  return refusal.failure.code === 'ESTALE' || (refusal.what === 'open' && isAbsent(refusal.failure));
}

/** For the client: why the service cannot listen to events. */
export function refusalToError(refusal: Refusal): ConntrackError {
  if (refusal.kind === 'broken') return new ConntrackError('KERNEL_UNREADABLE', `Cannot listen to events: ${refusal.reason}.`);
  const { what, failure } = refusal;
  const { code } = failure;
  const message = `Cannot listen to events: ${what}: ${failure.message} (${code}).`;
  if (code === 'DISABLED') return notSupported(message, 'Set events to 1 (PATCH /settings).');
  if (isAbsent(failure)) return notSupported(message, INSTEAD, code);
  if (UNKNOWN_TO_KERNEL.includes(code)) return notSupported(message, 'modprobe nf_conntrack_netlink', code);
  const isPrivilege = code === 'EPERM' || code === 'EACCES';
  return new ConntrackError('KERNEL_UNREADABLE', message, { errno: code, ...(isPrivilege && { remedy: PRIVILEGE }) });
}
