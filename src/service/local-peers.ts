import type { SocketConfig } from '../config/socket-options.ts';
import { nameOf, scopesOf, type PeerRule } from '../domain/local-peer.ts';
import type { LocalCaller } from '../http/http.ts';
import { accountId, peerGroupsOf, peerOf } from '../kernel/unix-socket.ts';

/** Tells of a connected unix socket who connected, and what they may do. @throws Error naming a user or a group that there is not */
export function localPeers(peers: SocketConfig['peers']): (fd: number) => LocalCaller {
  const rules = peers.map((peer): PeerRule => ({ ...peer, id: idOf(peer) }));
  return (fd) => {
    const { pid, uid, gid } = peerOf(fd);
    const peer = { pid, uid, gid, groups: peerGroupsOf(fd) };
    return { pid, uid, name: nameOf(peer, rules), scopes: scopesOf(peer, rules) };
  };
}

function idOf({ kind, name }: SocketConfig['peers'][number]): number {
  const id = /^\d{1,10}$/.test(name) ? Number(name) : accountId(kind, name);
  if (id === undefined)
    throw new Error(`--socket-peers: there is no ${kind} ${name} on this host; give one of another source by its number.`);
  return id;
}
