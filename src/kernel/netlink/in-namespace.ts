import { closeSync, constants, fstatSync, openSync, type BigIntStats } from 'node:fs';
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
  return path === undefined ? work() : runElsewhere(() => enterPath(path, identity), work);
}

/** The network namespace that a thread has entered. */
export interface EnteredNamespace {
  /** Device, inode and cookie: never that of another namespace, until a reboot. The inode alone is used again at once after a namespace is deleted. */
  readonly identity: string;
  /** Whether it is the namespace that the thread came from. */
  readonly isOwn: boolean;
}

/**
 * The same, for work that must not reach another namespace of the same name. The identity is read inside the namespace, so it is that of the
 * namespace that `work` reaches.
 *
 * @param expected `EnteredNamespace.identity`; absent: any
 * @throws as `inNamespace`; `ESTALE` if another namespace than the expected one is at the path. `work` has not run then
 */
export function inIdentifiedNamespace<T>(path: string, expected: string | undefined, work: (entered: EnteredNamespace) => T): T {
  const own = toIdentity(statOf(OWN_NAMESPACE));
  return runElsewhere(
    () => enterPath(path, undefined),
    (status) => {
      const file = toIdentity(status);
      const identity = `${file}:${String(namespaceCookie() ?? `c${String(status.ctimeNs)}`)}`;
      if (expected !== undefined && identity !== expected) throw replaced();
      return work({ identity, isOwn: file === own });
    },
  );
}

/** The kernel's number for the namespace of the thread, which it never uses again. Absent before Linux 5.14. */
function namespaceCookie(): bigint | undefined {
  const fd = libc.socket(libc.AF_UNIX, libc.SOCK_DGRAM | libc.SOCK_CLOEXEC, 0);
  if (fd < 0) throw new NetlinkError('socket', libc.errno());
  try {
    const cookie = new BigUint64Array(1);
    const failed = libc.getsockopt(fd, libc.SOL_SOCKET, libc.SO_NETNS_COOKIE, cookie, Uint32Array.of(cookie.byteLength)) < 0;
    return failed ? undefined : cookie[0];
  } finally {
    libc.close(fd);
  }
}

function statOf(path: string): BigIntStats {
  const fd = openSync(path, 'r');
  try {
    return fstatSync(fd, { bigint: true });
  } finally {
    closeSync(fd);
  }
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

function runElsewhere<T, S>(leave: () => S, work: (left: S) => T): T {
  const own = openSync(OWN_NAMESPACE, 'r');
  try {
    const left = leave();
    try {
      return work(left);
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

function enterPath(path: string, identity: string | undefined): BigIntStats {
  const other = openSync(path, OPEN_NAMESPACE);
  try {
    const status = fstatSync(other, { bigint: true });
    if (identity !== undefined && toIdentity(status) !== identity) throw replaced();
    enter(other);
    return status;
  } finally {
    closeSync(other);
  }
}

function replaced(): Error {
  return Object.assign(new Error('the network namespace was deleted or replaced'), { code: 'ESTALE' });
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
