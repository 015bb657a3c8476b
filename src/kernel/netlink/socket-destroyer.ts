import { AF_INET, AF_INET6 } from '../entries/entry-view.ts';
import { addressBytes } from '../entries/ip-text.ts';
import { LITTLE_ENDIAN } from './attribute-values.ts';
import { NLM_F_ACK, NLM_F_REQUEST, NLMSG_ERROR, NLMSG_HEADER_BYTES } from './ctnetlink.ts';
import * as libc from './libc.ts';
import { NetlinkError, NetlinkSocket } from './netlink-socket.ts';

/* linux/sock_diag.h, linux/inet_diag.h */
const SOCK_DIAG_BY_FAMILY = 20;
const SOCK_DESTROY = 21;
/** Where the parts of `struct inet_diag_req_v2` and `struct inet_diag_msg` begin: both have the ids of a socket. */
const REQUEST = { family: 0, protocol: 1, states: 4, id: 8, bytes: 56 } as const;
const RESPONSE = { family: 0, state: 1, id: 4, bytes: 72 } as const;
const ID = { sourcePort: 0, destinationPort: 2, source: 4, destination: 20, cookie: 40 } as const;
const COOKIE_BYTES = 8;
const NO_COOKIE = 0xff; // INET_DIAG_NOCOOKIE, in each byte
const TCP_LISTEN = 10;
const EVERY_STATE = 0xffff_ffff;
const TIMEOUT_MILLISECONDS = 1_000;
/** The kernel was built without CONFIG_INET_DIAG_DESTROY, or without sockets of this protocol in sock_diag. */
const UNSUPPORTED: readonly string[] = ['EOPNOTSUPP', 'ENOENT', 'EINVAL'];

/** The ends of a connection, as a socket of this host has them. */
export interface SocketEnds {
  /** AF_INET or AF_INET6. */
  readonly family: number;
  /** IPPROTO.tcp or IPPROTO.udp. */
  readonly protocol: number;
  readonly local: Uint8Array;
  readonly localPort: number;
  readonly remote: Uint8Array;
  readonly remotePort: number;
}

/**
 * Destroys connected sockets of the network namespace in which it was created (sock_diag(7), SOCK_DESTROY, as `ss -K` does): the program gets
 * ECONNABORTED, and the other end of a TCP connection gets a reset. Blocks: use it in worker threads only.
 *
 * Each socket is read before, and destroyed by its cookie: for ends that no socket has, the kernel finds the one that listens on the port.
 */
export class SocketDestroyer {
  private readonly socket = new NetlinkSocket({ protocol: libc.NETLINK_SOCK_DIAG, timeoutMilliseconds: TIMEOUT_MILLISECONDS });
  private readonly received = Buffer.alloc(8_192);

  /** @returns whether there was such a socket, and it is destroyed. @throws NetlinkError other than that it is gone or not supported */
  destroy(ends: SocketEnds): boolean {
    const request = requestFor(ends);
    const found = this.exchange(SOCK_DIAG_BY_FAMILY, 0, request);
    if (!found || !isConnected(found, ends)) return false;
    found.copy(request, REQUEST.id + ID.cookie, RESPONSE.id + ID.cookie, RESPONSE.id + ID.cookie + COOKIE_BYTES);
    return this.exchange(SOCK_DESTROY, NLM_F_ACK, request) !== undefined;
  }

  close(): void {
    this.socket.close();
  }

  /** @returns the response, empty for an acknowledgement; absent if there is no such socket or the kernel does not support it */
  private exchange(type: number, flags: number, request: Buffer): Buffer | undefined {
    this.socket.send(withHeader(type, NLM_F_REQUEST | flags, this.socket.nextSequence(), request));
    const { received } = this;
    const length = this.socket.receive(received);
    if (readHost(received, 4, 2) !== NLMSG_ERROR) return received.subarray(NLMSG_HEADER_BYTES, length);
    const error = readHost(received, NLMSG_HEADER_BYTES, 4) | 0;
    if (error === 0) return received.subarray(0, 0);
    const failure = new NetlinkError('sock_diag', -error);
    if (UNSUPPORTED.includes(failure.failure.code)) return undefined;
    throw failure;
  }
}

function requestFor({ family, protocol, local, localPort, remote, remotePort }: SocketEnds): Buffer {
  const request = Buffer.alloc(REQUEST.bytes);
  request[REQUEST.family] = family;
  request[REQUEST.protocol] = protocol;
  writeHost(request, REQUEST.states, 4, EVERY_STATE);
  request.writeUInt16BE(localPort, REQUEST.id + ID.sourcePort);
  request.writeUInt16BE(remotePort, REQUEST.id + ID.destinationPort);
  request.set(local, REQUEST.id + ID.source);
  request.set(remote, REQUEST.id + ID.destination);
  request.fill(NO_COOKIE, REQUEST.id + ID.cookie, REQUEST.id + ID.cookie + COOKIE_BYTES);
  return request;
}

/** A socket of IPv6 can have a connection of IPv4, with addresses such as ::ffff:192.0.2.1. */
function isConnected(found: Buffer, { family, localPort, remote, remotePort }: SocketEnds): boolean {
  if (found.length < RESPONSE.bytes || found[RESPONSE.state] === TCP_LISTEN) return false;
  const isMapped = family === AF_INET && found[RESPONSE.family] === AF_INET6;
  const address = RESPONSE.id + ID.destination + (isMapped ? 12 : 0);
  return (
    found.readUInt16BE(RESPONSE.id + ID.sourcePort) === localPort &&
    found.readUInt16BE(RESPONSE.id + ID.destinationPort) === remotePort &&
    found.subarray(address, address + addressBytes(family)).equals(remote)
  );
}

function withHeader(type: number, flags: number, sequence: number, content: Buffer): Buffer {
  const header = Buffer.alloc(NLMSG_HEADER_BYTES);
  writeHost(header, 0, 4, NLMSG_HEADER_BYTES + content.length);
  writeHost(header, 4, 2, type);
  writeHost(header, 6, 2, flags);
  writeHost(header, 8, 4, sequence);
  return Buffer.concat([header, content]);
}

function readHost(buffer: Buffer, at: number, bytes: number): number {
  return LITTLE_ENDIAN ? buffer.readUIntLE(at, bytes) : buffer.readUIntBE(at, bytes);
}

function writeHost(buffer: Buffer, at: number, bytes: number, value: number): void {
  if (LITTLE_ENDIAN) buffer.writeUIntLE(value, at, bytes);
  else buffer.writeUIntBE(value, at, bytes);
}
