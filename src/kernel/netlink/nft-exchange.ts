import { LITTLE_ENDIAN, MalformedMessage } from './attribute-values.ts';
import { NLMSG_DONE, NLMSG_ERROR, NLMSG_HEADER_BYTES } from './ctnetlink.ts';
import { NetlinkError, NetlinkSocket } from './netlink-socket.ts';

const BLOCK_BYTES = 65_536;
/** The kernel replies during the request, so this timeout is never reached. */
const TIMEOUT_MILLISECONDS = 1_000;

/**
 * Sends nf_tables a request, in the network namespace of the calling thread.
 *
 * @param write a request for a list, or one with an acknowledgement of its last message
 * @returns the messages of the list
 * @throws NetlinkError `EPERM` without CAP_NET_ADMIN; MalformedMessage
 */
export function* exchange(write: (sequence: number) => Uint8Array): Generator<Uint8Array> {
  const socket = new NetlinkSocket({ timeoutMilliseconds: TIMEOUT_MILLISECONDS });
  try {
    socket.send(write(socket.nextSequence()));
    const buffer = new Uint8Array(BLOCK_BYTES);
    for (;;) {
      for (const message of messagesIn(buffer.subarray(0, socket.receive(buffer)))) {
        if (message === 'end') return;
        yield message;
      }
    }
  } finally {
    socket.close();
  }
}

/** Sends nf_tables a batch. @throws as `exchange` */
export function change(write: (sequence: number) => Uint8Array): void {
  Array.from(exchange(write));
}

function* messagesIn(received: Uint8Array): Generator<Uint8Array | 'end'> {
  const view = new DataView(received.buffer, received.byteOffset, received.byteLength);
  for (let at = 0; at < received.length;) {
    const rest = received.length - at;
    const length = rest < NLMSG_HEADER_BYTES ? 0 : view.getUint32(at, LITTLE_ENDIAN);
    if (length < NLMSG_HEADER_BYTES || length > rest) throw new MalformedMessage('a message with an invalid length', at);
    const type = view.getUint16(at + 4, LITTLE_ENDIAN);
    // 0 acknowledges.
    const error = type === NLMSG_ERROR ? view.getInt32(at + NLMSG_HEADER_BYTES, LITTLE_ENDIAN) : 0;
    if (error !== 0) throw new NetlinkError('nf_tables', -error);
    yield type === NLMSG_DONE || type === NLMSG_ERROR ? 'end' : received.subarray(at, at + length);
    at += (length + 3) & ~3;
  }
}
