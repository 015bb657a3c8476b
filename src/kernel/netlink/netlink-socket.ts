import { constants } from 'node:os';
import { SystemCallError } from '../system-failure.ts';
import * as libc from './libc.ts';

/** A system call that the kernel refused. */
export class NetlinkError extends SystemCallError {}

export interface SocketOptions {
  /** NETLINK_NETFILTER unless given. */
  readonly protocol?: number;
  /** Size of the receive buffer in bytes; more than net.core.rmem_max requires CAP_NET_ADMIN. */
  readonly receiveBufferBytes?: number;
  /** How long `receive` waits. The kernel replies to a request at once, so this only bounds the wait for a reply that never comes. */
  readonly timeoutMilliseconds?: number;
}

const ADDRESS_BYTES = 12;
const PORT_AT = 4;
const RECEIVE_TIMEOUT_MILLISECONDS = 30_000;

/**
 * A netlink socket, to the kernel's netfilter subsystem by default, in the network namespace of the calling thread (netlink(7)). Every call blocks: never use it
 * on the main thread for requests that walk the table.
 *
 * @throws NetlinkError from every method
 */
export class NetlinkSocket {
  readonly fd: number;
  /** The kernel's port id of this socket, as `/proc/net/netlink` lists it. */
  readonly portId: number;
  private open = true;
  private lastSequence = 0;

  constructor({
    protocol = libc.NETLINK_NETFILTER,
    receiveBufferBytes,
    timeoutMilliseconds = RECEIVE_TIMEOUT_MILLISECONDS,
  }: SocketOptions = {}) {
    this.fd = check('socket', libc.socket(libc.AF_NETLINK, libc.SOCK_RAW | libc.SOCK_CLOEXEC, protocol));
    try {
      const address = Buffer.alloc(ADDRESS_BYTES);
      new Uint16Array(address.buffer, address.byteOffset, 1)[0] = libc.AF_NETLINK;
      check('bind', libc.bind(this.fd, address, ADDRESS_BYTES));
      check('getsockname', libc.getsockname(this.fd, address, Uint32Array.of(ADDRESS_BYTES)));
      this.portId = new Uint32Array(address.buffer, address.byteOffset + PORT_AT, 1)[0] ?? 0;
      this.setTimeout(timeoutMilliseconds);
      if (receiveBufferBytes !== undefined) this.setReceiveBuffer(receiveBufferBytes);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The sequence number for the next request. */
  nextSequence(): number {
    this.lastSequence = (this.lastSequence + 1) >>> 0;
    return this.lastSequence;
  }

  /** Enables strict checking: without it, an old kernel silently ignores filters. Kernels that lack the option ignore this call. */
  setStrict(): void {
    libc.setsockopt(this.fd, libc.SOL_NETLINK, libc.NETLINK_GET_STRICT_CHK, int32(1), 4);
  }

  join(group: number): void {
    check('setsockopt NETLINK_ADD_MEMBERSHIP', libc.setsockopt(this.fd, libc.SOL_NETLINK, libc.NETLINK_ADD_MEMBERSHIP, int32(group), 4));
  }

  leave(group: number): void {
    check('setsockopt NETLINK_DROP_MEMBERSHIP', libc.setsockopt(this.fd, libc.SOL_NETLINK, libc.NETLINK_DROP_MEMBERSHIP, int32(group), 4));
  }

  send(message: Uint8Array): void {
    check('send', libc.send(this.fd, message, message.length, 0));
  }

  /** Waits for a message and returns the number of bytes received. @throws NetlinkError `EAGAIN` after the timeout */
  receive(buffer: Uint8Array): number {
    return check('recv', libc.recv(this.fd, buffer, buffer.length, 0));
  }

  /** The same without waiting. Returns 0 if there is no message, or a negative errno (ENOBUFS: the kernel dropped events). */
  tryReceive(buffer: Uint8Array): number {
    const got = libc.recv(this.fd, buffer, buffer.length, libc.MSG_DONTWAIT);
    if (got >= 0) return got;
    const errno = libc.errno();
    return errno === constants.errno.EAGAIN || errno === constants.errno.EINTR ? 0 : -errno;
  }

  close(): void {
    if (this.open) libc.close(this.fd);
    this.open = false;
  }

  private setTimeout(milliseconds: number): void {
    const timeval = new BigInt64Array([BigInt(Math.floor(milliseconds / 1_000)), BigInt((milliseconds % 1_000) * 1_000)]);
    check('setsockopt SO_RCVTIMEO', libc.setsockopt(this.fd, libc.SOL_SOCKET, libc.SO_RCVTIMEO, new Uint8Array(timeval.buffer), 16));
  }

  private setReceiveBuffer(bytes: number): void {
    const forced = libc.setsockopt(this.fd, libc.SOL_SOCKET, libc.SO_RCVBUFFORCE, int32(bytes), 4);
    if (forced < 0) check('setsockopt SO_RCVBUF', libc.setsockopt(this.fd, libc.SOL_SOCKET, libc.SO_RCVBUF, int32(bytes), 4));
  }
}

function check(call: string, result: number): number {
  if (result < 0) throw new NetlinkError(call, libc.errno());
  return result;
}

function int32(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer);
}
