import { InvalidArgumentError, Option, type Command } from 'commander';
import type { PeerRule } from '../domain/local-peer.ts';
import { toBoolean, toList, toPath, toScopes } from './arguments.ts';

/** A unix socket beside the port, or in its place. */
export interface SocketConfig {
  readonly path: string;
  /** Users and groups of this host that need no token there, not looked up yet. */
  readonly peers: readonly Omit<PeerRule, 'id'>[];
}

export interface SocketFlags {
  readonly socket?: string;
  readonly socketPeers: SocketConfig['peers'];
  readonly tcp: boolean;
}

export function socketOptions(command: Command): Command {
  return command
    .addOption(new Option('--socket <path>', 'also listen on this unix socket').env('CONNTRACK_API_SOCKET').argParser(toPath))
    .addOption(
      new Option(
        '--socket-peers <rules>',
        'who needs no token on it and what they may do: comma-separated USER=SCOPES and :GROUP=SCOPES, scopes joined with +, or all',
      )
        .env('CONNTRACK_API_SOCKET_PEERS')
        .default(toPeers('root=all'), 'root=all')
        .argParser(toPeers),
    )
    .addOption(
      new Option('--tcp [boolean]', 'listen on --host and --port')
        .env('CONNTRACK_API_TCP')
        .preset('true')
        .default(true)
        .argParser(toBoolean),
    );
}

/** @throws Error where nothing would be listened on */
export function toSocket(
  path: string | undefined,
  peers: SocketConfig['peers'],
  { tcp, tls }: { readonly tcp: boolean; readonly tls: boolean },
): SocketConfig | undefined {
  if (!tcp && path === undefined) throw new Error('--tcp=false leaves nothing to listen on: name a --socket.');
  if (!tcp && tls) throw new Error('--tcp=false has no use for a certificate: TLS is for the port.');
  return path === undefined ? undefined : { path, peers };
}

function toPeers(text: string): SocketConfig['peers'] {
  return toList(text).map((rule) => {
    const [, colon, name, scopes] = /^(:?)([\w.$-]+)=(.+)$/.exec(rule) ?? [];
    if (name === undefined || scopes === undefined)
      throw new InvalidArgumentError(`Expected USER=SCOPE[+SCOPE…] or :GROUP=SCOPE[+SCOPE…], found ${rule}.`);
    return { kind: colon === ':' ? 'group' : 'user', name, scopes: toScopes(scopes, '+') };
  });
}
