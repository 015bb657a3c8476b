import { closeSync, constants, openSync } from 'node:fs';
import * as libc from './libc.ts';
import { NetlinkError } from './netlink-socket.ts';

const OWN_NAMESPACE = '/proc/thread-self/ns/net';
/** Never through a symbolic link, and never waiting for what is no namespace. */
const OPEN_NAMESPACE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Does `work` with the calling thread in another network namespace. Sockets opened there stay there. For threads of our own only, never for
 * the main thread, and `work` must not wait. A thread that cannot come back ends at once: it would answer for the wrong namespace.
 *
 * @param path of the namespace, such as /run/netns/blue; absent: where the thread is
 * @throws NetlinkError `EPERM` without CAP_SYS_ADMIN, `EINVAL` for what is no network namespace; what `node:fs` throws for the path (`ELOOP`
 *   for a symbolic link)
 */
export function inNamespace<T>(path: string | undefined, work: () => T): T {
  return path === undefined
    ? work()
    : elsewhere(() => {
        enterPath(path);
      }, work);
}

/**
 * The same in a new network namespace, which the kernel takes down again when the thread has left it.
 *
 * @throws NetlinkError `EPERM` without CAP_SYS_ADMIN, `ENOSPC` where there may be no more of them
 */
export function inNewNamespace<T>(work: () => T): T {
  return elsewhere(() => {
    if (libc.unshare(libc.CLONE_NEWNET) < 0) throw new NetlinkError('unshare', libc.errno());
  }, work);
}

function elsewhere<T>(go: () => void, work: () => T): T {
  const own = openSync(OWN_NAMESPACE, 'r');
  try {
    go();
    try {
      return work();
    } finally {
      comeBack(own);
    }
  } finally {
    closeSync(own);
  }
}

/** Whether this thread may change its network namespace: asks for the one it is in. @throws NetlinkError `EPERM` without CAP_SYS_ADMIN */
export function requireSetns(): void {
  const own = openSync(OWN_NAMESPACE, 'r');
  try {
    enter(own);
  } finally {
    closeSync(own);
  }
}

function enterPath(path: string): void {
  const other = openSync(path, OPEN_NAMESPACE);
  try {
    enter(other);
  } finally {
    closeSync(other);
  }
}

function comeBack(own: number): void {
  try {
    enter(own);
  } catch {
    // Ends this thread, not the process; whoever waits for it is told that it ended.
    process.exit(1);
  }
}

function enter(fd: number): void {
  if (libc.setns(fd, libc.CLONE_NEWNET) < 0) throw new NetlinkError('setns', libc.errno());
}
