import { NLM_F_DUMP, NLM_F_REQUEST } from './ctnetlink.ts';
import { MessageWriter } from './message-writer.ts';
import { NetlinkError } from './netlink-socket.ts';
import { exchange } from './nft-exchange.ts';
import { enablesTracking, NFT_LISTS, type NftList } from './nft-messages.ts';

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
  const request = (sequence: number): Uint8Array =>
    new MessageWriter().begin(NFT_LISTS[list], NLM_F_REQUEST | NLM_F_DUMP, 0, sequence).finish().bytes;
  try {
    for (const message of exchange(request)) if (enablesTracking(list, message)) return true;
    return false;
  } catch (error) {
    // A kernel without nftables, or without objects (before 4.10).
    if (error instanceof NetlinkError && error.failure.code === 'EINVAL') return false;
    throw error;
  }
}
