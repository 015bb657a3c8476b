import type { Expectation } from '../../domain/expectation.ts';
import { messageType } from './attribute-values.ts';
import { NLMSG_DONE, NLMSG_ERROR, NLMSG_HEADER_BYTES } from './ctnetlink.ts';
import { MalformedMessage, messageBuffer } from './decode.ts';
import { decodeExpectation } from './decode-expectation.ts';
import { NetlinkError, NetlinkSocket } from './netlink-socket.ts';
import { expectationsRequest } from './requests.ts';

const BLOCK_BYTES = 65_536;

/**
 * Reads the expectations of the network namespace of the calling thread over ctnetlink, one after the other.
 *
 * @returns how many could not be decoded
 * @throws NetlinkError `EPERM` without CAP_NET_ADMIN, `EINVAL` without ctnetlink; MalformedMessage for a message with an invalid length
 */
export function readExpectations(take: (expectation: Expectation) => void): number {
  const socket = new NetlinkSocket();
  const block = messageBuffer(BLOCK_BYTES);
  let unparsed = 0;
  try {
    socket.send(expectationsRequest(socket.nextSequence()));
    for (;;) {
      const end = socket.receive(block.bytes);
      for (let at = 0; at < end;) {
        const length = block.words[at >>> 2] as number;
        if (length < NLMSG_HEADER_BYTES || at + length > end) throw new MalformedMessage('a message with an invalid length', at);
        const type = messageType(block.words[(at >>> 2) + 1] as number);
        if (type === NLMSG_DONE || type === NLMSG_ERROR) {
          const error = (block.words[(at + NLMSG_HEADER_BYTES) >>> 2] as number) | 0;
          if (error < 0) throw new NetlinkError('ctnetlink dump', -error);
          return unparsed;
        }
        const expectation = tryToDecode(() => decodeExpectation(block, at, at + length));
        if (expectation) take(expectation);
        else unparsed += 1;
        at += (length + 3) & ~3;
      }
    }
  } finally {
    socket.close();
  }
}

function tryToDecode(decode: () => Expectation): Expectation | undefined {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof MalformedMessage)) throw error;
    return undefined;
  }
}
