import type { KernelFiles } from './kernel-files.ts';
import type { KernelLayout } from './kernel-layout.ts';
import { MalformedMessage } from './netlink/decode.ts';
import { NetlinkError } from './netlink/netlink-socket.ts';
import { readEntryCount } from './netlink/statistics.ts';

/** Its name as a source in responses. */
export const CTNETLINK = 'ctnetlink';

/** The reason why ctnetlink cannot be used. */
export interface CtnetlinkRefusal {
  readonly reason: string;
  readonly remedy?: string;
}

export const PRIVILEGE = 'Run the service as root, or give it CAP_NET_ADMIN in the user namespace that owns its network namespace.';

/** Sends ctnetlink a cheap request (microseconds). `undefined` if it succeeds. */
export function ctnetlinkRefusal(files: KernelFiles, layout: KernelLayout): CtnetlinkRefusal | undefined {
  const count = tryCtnetlink(files, layout, readEntryCount);
  return typeof count === 'number' ? undefined : count;
}

/** @param request sends the request; called only if this kernel has ctnetlink */
export function tryCtnetlink<T>(files: KernelFiles, layout: KernelLayout, request: () => T): T | CtnetlinkRefusal {
  if (files.isElsewhere) return { reason: 'ctnetlink reaches only the kernel that runs this service, and --root shows another one.' };
  if (layout.name === 'ip_conntrack') return { reason: 'The conntrack of this kernel (ip_conntrack) has no ctnetlink.' };
  try {
    return request();
  } catch (error) {
    return toRefusal(error);
  }
}

function toRefusal(error: unknown): CtnetlinkRefusal {
  if (error instanceof MalformedMessage) return { reason: `ctnetlink sent an unexpected message: ${error.message}.` };
  if (!(error instanceof NetlinkError)) throw error;
  const isPrivilege = ['EPERM', 'EACCES'].includes(error.failure.code);
  return { reason: `ctnetlink refused the request: ${error.message}.`, remedy: isPrivilege ? PRIVILEGE : 'modprobe nf_conntrack_netlink' };
}
