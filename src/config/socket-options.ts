import { InvalidArgumentError, Option } from 'commander';
import { join } from 'node:path';
import type { PeerRule } from '../domain/local-peer.ts';
import { toList, toPath, toScopes } from './arguments.ts';
import { booleanOption, option } from './options.ts';

/** A unix socket, in addition to the port or instead of it. Connections to it are not tracked: it responds while the table is full. */
export interface SocketConfig {
  readonly path: string;
  /** The path is the default one, and the service also listens on the port: it starts without the socket if the path cannot be used. */
  readonly isOptional?: true;
  /** Local users and groups that need no token on the socket; their names are not resolved yet. */
  readonly peers: readonly Omit<PeerRule, 'id'>[];
}

export interface SocketFlags {
  /** `false`: no socket. */
  readonly socket?: string | false | undefined;
  readonly socketPeers: SocketConfig['peers'];
  readonly tcp: boolean;
}

const SOCKET_NAME = 'api.sock';
// eslint-disable-next-line no-restricted-syntax -- of this process, not of the host that --root shows
const RUNTIME_DIRECTORY = '/run/conntrack-api';

export function socketOptions(): readonly Option[] {
  return [
    option('--socket <path>', 'unix socket to listen on, which responds while the table is full; none: no socket')
      .default(
        undefined,
        `${RUNTIME_DIRECTORY}/${SOCKET_NAME} for root and in a systemd unit, otherwise ${SOCKET_NAME} in the data directory`,
      )
      .argParser(toSocketPath),
    new Option('--no-socket', 'same as --socket=none').default(undefined),
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
export function toSocket(
  { socket, socketPeers: peers, tcp, root, dataDir }: SocketFlags & { readonly root: string; readonly dataDir: string },
  isTls: boolean,
): SocketConfig | undefined {
  if (!tcp && isTls) throw new Error('--tcp=false has no use for --tls-cert: TLS is used on the port only.');
  if (socket === false) {
    if (!tcp) throw new Error('--tcp=false and --socket=none leave nothing to listen on.');
    return undefined;
  }
  if (socket !== undefined) return { path: socket, peers };
  return { path: defaultSocket(root, dataDir), peers, ...(tcp && { isOptional: true }) };
}

/** In the data directory, whose lock only one service holds, unless this is the service that manages this host. */
function defaultSocket(root: string, dataDir: string): string {
  const ofUnit = process.env['RUNTIME_DIRECTORY']?.split(':')[0];
  const ofHost = ofUnit ?? (process.getuid?.() === 0 ? RUNTIME_DIRECTORY : dataDir);
  return join(root === '/' ? ofHost : dataDir, SOCKET_NAME);
}

function toSocketPath(text: string): string | false {
  if (text === '') throw new InvalidArgumentError('Expected a path, or none.');
  return text === 'none' ? false : toPath(text);
}

function toPeers(text: string): SocketConfig['peers'] {
  return toList(text).map((rule) => {
    const [, colon, name, scopes] = /^(:?)([\w.$-]+)=(.+)$/.exec(rule) ?? [];
    if (name === undefined || scopes === undefined)
      throw new InvalidArgumentError(`Expected USER=SCOPE[+SCOPE…] or :GROUP=SCOPE[+SCOPE…], found ${rule}.`);
    return { kind: colon === ':' ? 'group' : 'user', name, scopes: toScopes(scopes, '+') };
  });
}
