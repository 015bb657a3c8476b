import { InvalidArgumentError, type Option } from 'commander';
import type { PeerRule } from '../domain/local-peer.ts';
import { toList, toPath, toScopes } from './arguments.ts';
import { booleanOption, option } from './options.ts';

/** A unix socket, in addition to the port or instead of it. */
export interface SocketConfig {
  readonly path: string;
  /** Local users and groups that need no token on the socket; their names are not resolved yet. */
  readonly peers: readonly Omit<PeerRule, 'id'>[];
}

export interface SocketFlags {
  readonly socket?: string | undefined;
  readonly socketPeers: SocketConfig['peers'];
  readonly tcp: boolean;
}

export function socketOptions(): readonly Option[] {
  return [
    option('--socket <path>', 'also listen on this unix socket').argParser(toPath),
    option(
      '--socket-peers <rules>',
      'local users and groups that need no token on the socket, and their scopes: comma-separated USER=SCOPES and :GROUP=SCOPES; ' +
        'SCOPES is all, or scopes joined with +',
    )
      .default(toPeers('root=all'), 'root=all')
      .argParser(toPeers),
    booleanOption('tcp', 'listen on --host and --port; false: listen on --socket only', true),
  ];
}

/** @throws Error when the service would not listen anywhere */
export function toSocket({ socket, socketPeers, tcp }: SocketFlags, isTls: boolean): SocketConfig | undefined {
  if (!tcp && socket === undefined) throw new Error('--tcp=false leaves nothing to listen on: add --socket PATH.');
  if (!tcp && isTls) throw new Error('--tcp=false has no use for --tls-cert: TLS is used on the port only.');
  return socket === undefined ? undefined : { path: socket, peers: socketPeers };
}

function toPeers(text: string): SocketConfig['peers'] {
  return toList(text).map((rule) => {
    const [, colon, name, scopes] = /^(:?)([\w.$-]+)=(.+)$/.exec(rule) ?? [];
    if (name === undefined || scopes === undefined)
      throw new InvalidArgumentError(`Expected USER=SCOPE[+SCOPE…] or :GROUP=SCOPE[+SCOPE…], found ${rule}.`);
    return { kind: colon === ':' ? 'group' : 'user', name, scopes: toScopes(scopes, '+') };
  });
}
