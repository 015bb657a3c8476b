import type { KernelFiles } from './kernel-files.ts';
import type { KernelLayout } from './kernel-layout.ts';
import { MalformedMessage } from './netlink/decode.ts';
import { NetlinkError } from './netlink/netlink-socket.ts';
import { readEntryCount } from './netlink/statistics.ts';

/** As answers name it. */
export const CTNETLINK = 'ctnetlink';

/** Why ctnetlink cannot be used. */
export interface CtnetlinkRefusal {
  readonly reason: string;
  readonly remedy?: string;
}

const PRIVILEGE = 'Run the service as root, or give it CAP_NET_ADMIN in the user namespace that owns its network namespace.';

/** Asks ctnetlink something that costs microseconds. `undefined` where it answers. */
export function ctnetlinkRefusal(files: KernelFiles, layout: KernelLayout): CtnetlinkRefusal | undefined {
  const answer = askCtnetlink(files, layout, readEntryCount);
  return typeof answer === 'number' ? undefined : answer;
}

/** @param question what ctnetlink is asked where there is one */
export function askCtnetlink<T>(files: KernelFiles, layout: KernelLayout, question: () => T): T | CtnetlinkRefusal {
  if (files.isElsewhere) return { reason: 'ctnetlink is of the running kernel, and the kernel tree shown here is another.' };
  if (layout.name === 'ip_conntrack') return { reason: 'This kernel’s connection tracking is older than ctnetlink.' };
  try {
    return question();
  } catch (error) {
    return toRefusal(error);
  }
}

function toRefusal(error: unknown): CtnetlinkRefusal {
  if (error instanceof MalformedMessage) return { reason: `ctnetlink answers what is not understood: ${error.message}.` };
  if (!(error instanceof NetlinkError)) throw error;
  const isPrivilege = ['EPERM', 'EACCES'].includes(error.failure.code);
  return { reason: `ctnetlink refuses: ${error.message}.`, remedy: isPrivilege ? PRIVILEGE : 'modprobe nf_conntrack_netlink' };
}
