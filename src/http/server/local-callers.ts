import type { Server, Socket } from 'node:net';
import type { Scope, Token } from '../../domain/token.ts';
import { HeldConnections } from './held-connections.ts';

/** The process at the other end of a unix socket. */
export interface LocalCaller {
  readonly pid: number;
  readonly uid: number;
  readonly name: string;
  /** The scopes that this user has without a token. */
  readonly scopes: readonly Scope[];
}

const CONNECTIONS = 512;
const CONNECTIONS_PER_USER = 64;

const callers = new WeakMap<Socket, LocalCaller>();

/** Identifies each peer before the first byte is read. @param identify reads the peer credentials of a file descriptor; throws if the peer has gone */
export function noteLocalCallers(server: Server, identify: (fd: number) => LocalCaller): void {
  const held = new HeldConnections(CONNECTIONS_PER_USER);
  server.maxConnections = CONNECTIONS;
  server.prependListener('connection', (socket: Socket) => {
    try {
      const caller = identify(descriptorOf(socket));
      callers.set(socket, caller);
      held.add(addressAt(socket), socket);
    } catch {
      socket.destroy();
    }
  });
}

/** Absent for IP connections. */
export function localCallerAt(socket: Socket): LocalCaller | undefined {
  return callers.get(socket);
}

/** The address used in limits, logs and changes: `127.0.0.1`, or `uid=1000` for a unix socket. */
export function addressAt(socket: Socket): string {
  const caller = callers.get(socket);
  return caller ? `uid=${String(caller.uid)}` : (socket.remoteAddress ?? '');
}

/** A token that represents a caller on the unix socket. */
export function tokenOf({ uid, name, scopes }: LocalCaller): Token {
  return {
    id: `uid-${String(uid)}`,
    name,
    scopes,
    createdAt: new Date(),
    expiresAt: null,
    revokedAt: null,
    succeeds: null,
    lastUsedAt: null,
    identity: { issuer: 'unix socket', subject: `uid ${String(uid)}` },
  };
}

/** Node has no public API for the file descriptor of a socket. */
function descriptorOf(socket: Socket): number {
  return (socket as unknown as { readonly _handle: { readonly fd: number } })._handle.fd;
}
