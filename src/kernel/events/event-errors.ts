import { ConntrackError } from '../../domain/conntrack-error.ts';
import { isAbsent } from '../system-failure.ts';
import type { Refusal } from './event-stream.ts';

const INSTEAD = 'Read GET /api/v1/entries again and again instead.';
const PRIVILEGE = 'Run the service as root, or give it CAP_NET_ADMIN in the user namespace that owns the network namespace.';
/** What the kernel says to whom asks for something it was built without. */
const UNKNOWN_TO_KERNEL = ['EINVAL', 'ENOTSUP', 'EPROTONOSUPPORT'];

export function notSupported(message: string, remedy = INSTEAD, errno?: string): ConntrackError {
  return new ConntrackError('NOT_SUPPORTED_HERE', message, { remedy, ...(errno !== undefined && { errno }) });
}

export function tooMany(message: string): ConntrackError {
  return new ConntrackError('TOO_MANY_DUMPS', message, { remedy: 'Wait for one to leave, or end one.' });
}

/** Why the kernel cannot be listened to, for the client. */
export function refusalToError(refusal: Refusal): ConntrackError {
  if (refusal.kind === 'broken') return new ConntrackError('KERNEL_UNREADABLE', `Events cannot be listened to: ${refusal.reason}.`);
  const { what, failure } = refusal;
  const { code } = failure;
  const message = `Events cannot be listened to: ${what}: ${failure.message} (${code}).`;
  if (code === 'DISABLED') return notSupported(message, 'Set events to 1 (PATCH /settings).');
  if (isAbsent(failure)) return notSupported(message, INSTEAD, code);
  if (UNKNOWN_TO_KERNEL.includes(code)) return notSupported(message, 'modprobe nf_conntrack_netlink', code);
  const isPrivilege = code === 'EPERM' || code === 'EACCES';
  return new ConntrackError('KERNEL_UNREADABLE', message, { errno: code, ...(isPrivilege && { remedy: PRIVILEGE }) });
}
