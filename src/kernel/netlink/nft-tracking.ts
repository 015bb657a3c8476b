import { LITTLE_ENDIAN, MalformedMessage } from './attribute-values.ts';
import { NLM_F_DUMP, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR, NLMSG_HEADER_BYTES } from './ctnetlink.ts';
import { MessageWriter } from './message-writer.ts';
import { NetlinkError, NetlinkSocket } from './netlink-socket.ts';
import { enablesTracking, NFT_LISTS, type NftList } from './nft-messages.ts';

const BLOCK_BYTES = 65_536;
/** The kernel replies during the request, so this timeout is never reached. */
const TIMEOUT_MILLISECONDS = 1_000;

/**
 * Whether a rule, a set or an object of nftables (also those of iptables-nft) enables connection tracking in the network namespace of the
 * calling thread. Lists the whole ruleset unless it finds one.
 *
 * @throws NetlinkError `EPERM` without CAP_NET_ADMIN; MalformedMessage
 */
export function nftablesTracks(): boolean {
  return (Object.keys(NFT_LISTS) as readonly NftList[]).some(listTracks);
}

function listTracks(list: NftList): boolean {
  const socket = new NetlinkSocket({ timeoutMilliseconds: TIMEOUT_MILLISECONDS });
  try {
    const request = new MessageWriter().begin(NFT_LISTS[list], NLM_F_REQUEST | NLM_F_DUMP, 0, socket.nextSequence());
    socket.send(request.finish().bytes);
    const buffer = new Uint8Array(BLOCK_BYTES);
    for (;;) {
      for (const message of messagesIn(buffer.subarray(0, socket.receive(buffer)))) {
        if (message === 'end') return false;
        if (enablesTracking(list, message)) return true;
      }
    }
  } catch (error) {
    // A kernel without nftables, or without objects (before 4.10).
    if (error instanceof NetlinkError && error.failure.code === 'EINVAL') return false;
    throw error;
  } finally {
    socket.close();
  }
}

function* messagesIn(received: Uint8Array): Generator<Uint8Array | 'end'> {
  const view = new DataView(received.buffer, received.byteOffset, received.byteLength);
  for (let at = 0; at < received.length;) {
    const rest = received.length - at;
    const length = rest < NLMSG_HEADER_BYTES ? 0 : view.getUint32(at, LITTLE_ENDIAN);
    if (length < NLMSG_HEADER_BYTES || length > rest) throw new MalformedMessage('a message with an invalid length', at);
    const type = view.getUint16(at + 4, LITTLE_ENDIAN);
    if (type === NLMSG_ERROR) throw new NetlinkError('nf_tables', -view.getInt32(at + NLMSG_HEADER_BYTES, LITTLE_ENDIAN));
    yield type === NLMSG_DONE ? 'end' : received.subarray(at, at + length);
    at += (length + 3) & ~3;
  }
}
