import koffi from 'koffi';

/** The C library that Node itself uses, glibc or musl. */
const libc = koffi.load(null);

/* From linux/socket.h, linux/netlink.h, asm-generic/socket.h and linux/sched.h; the same on x86-64 and arm64. */
export const AF_UNIX = 1;
export const AF_NETLINK = 16;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_CLOEXEC = 0o2_000_000;
export const NETLINK_SOCK_DIAG = 4;
export const NETLINK_NETFILTER = 12;
export const SOL_SOCKET = 1;
export const SOL_NETLINK = 270;
export const SO_RCVBUF = 8;
export const SO_RCVTIMEO = 20;
export const SO_RCVBUFFORCE = 33;
export const SO_NETNS_COOKIE = 71;
export const NETLINK_ADD_MEMBERSHIP = 1;
export const NETLINK_DROP_MEMBERSHIP = 2;
export const NETLINK_GET_STRICT_CHK = 12;
export const MSG_DONTWAIT = 0x40;
export const CLONE_NEWNET = 0x4000_0000;

/*
 * socket(2), bind(2), getsockname(2), getsockopt(2), setsockopt(2), send(2), recv(2), close(2), setns(2), unshare(2). On failure, each returns -1
 * and sets `errno()`.
 */
export const socket = libc.func('int socket(int domain, int type, int protocol)') as (
  domain: number,
  type: number,
  protocol: number,
) => number;
export const bind = libc.func('int bind(int fd, const void *address, uint32_t length)') as (
  fd: number,
  address: Uint8Array,
  length: number,
) => number;
export const getsockname = libc.func('int getsockname(int fd, void *address, void *length)') as (
  fd: number,
  address: Uint8Array,
  length: Uint32Array,
) => number;
export const getsockopt = libc.func('int getsockopt(int fd, int level, int name, void *value, void *length)') as (
  fd: number,
  level: number,
  name: number,
  value: BigUint64Array,
  length: Uint32Array,
) => number;
export const setsockopt = libc.func('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)') as (
  fd: number,
  level: number,
  name: number,
  value: Uint8Array,
  length: number,
) => number;
export const send = libc.func('intptr_t send(int fd, const void *buffer, size_t length, int flags)') as (
  fd: number,
  buffer: Uint8Array,
  length: number,
  flags: number,
) => number;
export const recv = libc.func('intptr_t recv(int fd, void *buffer, size_t length, int flags)') as (
  fd: number,
  buffer: Uint8Array,
  length: number,
  flags: number,
) => number;
export const close = libc.func('int close(int fd)') as (fd: number) => number;
export const setns = libc.func('int setns(int fd, int type)') as (fd: number, type: number) => number;
export const unshare = libc.func('int unshare(int flags)') as (flags: number) => number;

/** The errno of the last call above that failed. */
export function errno(): number {
  return koffi.errno();
}
