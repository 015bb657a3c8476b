import koffi from 'koffi';
import { constants } from 'node:os';
import { systemFailureOf } from './system-failure.ts';

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
const LOCK_EX = 2;

/** Who made the connection, as the kernel saw it then. */
export interface Peer {
  readonly pid: number;
  readonly uid: number;
}

/** @throws Error where `fd` is no connected unix socket */
export function peerOf(fd: number): Peer {
  const credentials = new Int32Array(3);
  const length = Uint32Array.of(credentials.byteLength);
  check('getsockopt SO_PEERCRED', getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials, length));
  const [pid = 0, uid = -1] = credentials;
  // Of a socket of another kind there is no peer: process 0, nobody.
  if (length[0] !== credentials.byteLength || pid === 0) throw new Error(`descriptor ${fd} has no peer process`);
  return { pid, uid: uid >>> 0 };
}

/** Waits until this process alone has the lock, which ends with the process. */
export function lockAlone(fd: number): void {
  while (flock(fd, LOCK_EX) < 0) if (koffi.errno() !== constants.errno.EINTR) fail('flock');
}

function check(call: string, result: number): void {
  if (result < 0) fail(call);
}

function fail(call: string): never {
  const { code, message } = systemFailureOf(koffi.errno());
  throw new Error(`${call}: ${message} (${code})`);
}
