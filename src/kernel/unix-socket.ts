import koffi from 'koffi';
import { constants } from 'node:os';
import { SystemCallError } from './system-failure.ts';

const libc = koffi.load(null);
const getsockopt = libc.func('int getsockopt(int fd, int level, int name, void *value, void *length)') as (
  fd: number,
  level: number,
  name: number,
  value: Int32Array,
  length: Uint32Array,
) => number;
const flock = libc.func('int flock(int fd, int operation)') as (fd: number, operation: number) => number;

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const SO_PEERGROUPS = 59;
const LOCK_EX = 2;
/** Of the kernel (NGROUPS_MAX). */
const GROUPS_MAXIMUM = 65_536;

/** Who made the connection, as the kernel saw it then. */
export interface Peer {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** @throws Error where `fd` is no connected unix socket */
export function peerOf(fd: number): Peer {
  const [pid = 0, uid = -1, gid = -1] = option(fd, 'SO_PEERCRED', SO_PEERCRED, 3);
  // Of a socket of another kind there is no peer: process 0, nobody.
  if (pid === 0) throw new Error(`descriptor ${fd} has no peer process`);
  return { pid, uid: uid >>> 0, gid: gid >>> 0 };
}

/** The peer's supplementary groups, which its main group need not be among (Linux 4.13; before, none). */
export function peerGroupsOf(fd: number): readonly number[] {
  try {
    return [...option(fd, 'SO_PEERGROUPS', SO_PEERGROUPS, GROUPS_MAXIMUM)].map((gid) => gid >>> 0);
  } catch (error) {
    if (error instanceof SystemCallError && error.failure.code === 'ENOPROTOOPT') return [];
    throw error;
  }
}

/** Waits until this process alone has the lock, which ends with the process. */
export function lockAlone(fd: number): void {
  while (flock(fd, LOCK_EX) < 0) if (koffi.errno() !== constants.errno.EINTR) throw new SystemCallError('flock', koffi.errno());
}

function option(fd: number, name: string, number: number, capacity: number): Int32Array {
  const value = new Int32Array(capacity);
  const length = Uint32Array.of(value.byteLength);
  if (getsockopt(fd, SOL_SOCKET, number, value, length) < 0) throw new SystemCallError(`getsockopt ${name}`, koffi.errno());
  return value.subarray(0, (length[0] ?? 0) / Int32Array.BYTES_PER_ELEMENT);
}
