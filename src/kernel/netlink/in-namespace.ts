import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { toIdentity } from '../named-namespaces.ts';
import * as libc from './libc.ts';
import { NetlinkError } from './netlink-socket.ts';

const OWN_NAMESPACE = '/proc/thread-self/ns/net';
/** Does not follow a symbolic link, and does not block on a file that is not a namespace, such as a FIFO. */
const OPEN_NAMESPACE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Runs `work` with the calling thread in another network namespace. Sockets opened there stay there. Call it in worker threads only, never on
 * the main thread; `work` must be synchronous. A thread that cannot return to its own namespace ends at once, because it would read from the
 * wrong one.
 *
 * @param path the namespace, such as /run/netns/blue; if absent, the current namespace of the thread
 * @param identity of the namespace that is expected at the path (see NamespacePlace); absent: any
 * @throws NetlinkError `EPERM` without CAP_SYS_ADMIN, `EINVAL` for a file that is not a network namespace; errors of `node:fs` for the path
 *   (`ELOOP` for a symbolic link); an error with code `ESTALE` if another namespace is at the path
 */
export function inNamespace<T>(path: string | undefined, work: () => T, identity?: string): T {
  return path === undefined
    ? work()
    : runElsewhere(() => {
        enterPath(path, identity);
      }, work);
}

/**
 * The same in a new network namespace, which the kernel removes after the thread has left it.
 *
 * @throws NetlinkError `EPERM` without CAP_SYS_ADMIN, `ENOSPC` at the limit of network namespaces
 */
export function inNewNamespace<T>(work: () => T): T {
  return runElsewhere(() => {
    if (libc.unshare(libc.CLONE_NEWNET) < 0) throw new NetlinkError('unshare', libc.errno());
  }, work);
}

function runElsewhere<T>(leave: () => void, work: () => T): T {
  const own = openSync(OWN_NAMESPACE, 'r');
  try {
    leave();
    try {
      return work();
    } finally {
      returnTo(own);
    }
  } finally {
    closeSync(own);
  }
}

/** Checks that this thread may change its network namespace, by entering the current one. @throws NetlinkError `EPERM` without CAP_SYS_ADMIN */
export function requireSetns(): void {
  const own = openSync(OWN_NAMESPACE, 'r');
  try {
    enter(own);
  } finally {
    closeSync(own);
  }
}

function enterPath(path: string, identity: string | undefined): void {
  const other = openSync(path, OPEN_NAMESPACE);
  try {
    if (identity !== undefined && toIdentity(fstatSync(other, { bigint: true })) !== identity) {
      throw Object.assign(new Error('the network namespace was deleted or replaced'), { code: 'ESTALE' });
    }
    enter(other);
  } finally {
    closeSync(other);
  }
}

function returnTo(own: number): void {
  try {
    enter(own);
  } catch {
    // In a worker, this ends the thread, not the process; its parent receives an `exit` event.
    process.exit(1);
  }
}

function enter(fd: number): void {
  if (libc.setns(fd, libc.CLONE_NEWNET) < 0) throw new NetlinkError('setns', libc.errno());
}
