import koffi from 'koffi';
import { readFileSync } from 'node:fs';
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
const ACCOUNT_FILES = { user: '/etc/passwd', group: '/etc/group' } as const;
/** NGROUPS_MAX of the kernel. */
const GROUPS_MAXIMUM = 65_536;

/** The process that opened the connection, as recorded by the kernel at that time. */
export interface Peer {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** @throws Error if `fd` is not a connected Unix socket */
export function peerOf(fd: number): Peer {
  const [pid = 0, uid = -1, gid = -1] = option(fd, 'SO_PEERCRED', SO_PEERCRED, 3);
  // The kernel reports process 0 for other sockets.
  if (pid === 0) throw new Error(`descriptor ${fd} has no peer process`);
  return { pid, uid: uid >>> 0, gid: gid >>> 0 };
}

/** The supplementary groups of the peer, which need not include its primary group. Requires Linux 4.13; empty on older kernels. */
export function peerGroupsOf(fd: number): readonly number[] {
  try {
    return [...option(fd, 'SO_PEERGROUPS', SO_PEERGROUPS, GROUPS_MAXIMUM)].map((gid) => gid >>> 0);
  } catch (error) {
    if (error instanceof SystemCallError && error.failure.code === 'ENOPROTOOPT') return [];
    throw error;
  }
}

/** Blocks until this process holds the exclusive lock. The lock ends with the process. */
export function lockExclusively(fd: number): void {
  while (flock(fd, LOCK_EX) < 0) if (koffi.errno() !== constants.errno.EINTR) throw new SystemCallError('flock', koffi.errno());
}

/** Id of a user or group in the local files (passwd(5), group(5)). NSS is not used. */
export function accountId(kind: 'user' | 'group', name: string): number | undefined {
  const line = readFileSync(ACCOUNT_FILES[kind], 'latin1')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  return line === undefined ? undefined : Number(line.split(':')[2]);
}

function option(fd: number, name: string, number: number, capacity: number): Int32Array {
  const value = new Int32Array(capacity);
  const length = Uint32Array.of(value.byteLength);
  if (getsockopt(fd, SOL_SOCKET, number, value, length) < 0) throw new SystemCallError(`getsockopt ${name}`, koffi.errno());
  return value.subarray(0, (length[0] ?? 0) / Int32Array.BYTES_PER_ELEMENT);
}
