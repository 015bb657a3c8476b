import type { SocketConfig } from '../config/socket-options.ts';
import { nameOf, scopesOf, type PeerRule } from '../domain/local-peer.ts';
import type { LocalCaller } from '../http/http.ts';
import { accountId, peerGroupsOf, peerOf } from '../kernel/unix-socket.ts';

/** Identifies the peer of a connected unix socket, and its scopes. @throws Error when a rule names an unknown user or group */
export function localPeers(peers: SocketConfig['peers']): (fd: number) => LocalCaller {
  const rules = peers.map((peer): PeerRule => ({ ...peer, id: idOf(peer) }));
  return (fd) => {
    const { pid, uid, gid } = peerOf(fd);
    const peer = { pid, uid, gid, groups: peerGroupsOf(fd) };
    return { pid, uid, name: nameOf(peer, rules), scopes: scopesOf(peer, rules) };
  };
}

function idOf({ kind, name }: SocketConfig['peers'][number]): number {
  // Without the passwd file, which a container may lack.
  if (kind === 'user' && name === 'root') return 0;
  const id = /^\d{1,10}$/.test(name) ? Number(name) : accountId(kind, name);
  if (id === undefined)
    throw new Error(
      `--socket-peers: ${kind} ${name} is not in the local ${kind === 'user' ? 'passwd' : 'group'} file; use the number of a ${kind} from another source.`,
    );
  return id;
}
