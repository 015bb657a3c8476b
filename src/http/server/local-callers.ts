import type { Server, Socket } from 'node:net';
import type { Scope, Token } from '../../domain/token.ts';
import { HeldConnections } from './held-connections.ts';

/** Who is at the other end of a unix socket. */
export interface LocalCaller {
  readonly pid: number;
  readonly uid: number;
  readonly name: string;
  /** What may be done without a token; none for most. */
  readonly scopes: readonly Scope[];
}

const CONNECTIONS = 512;
const CONNECTIONS_A_USER = 64;

const callers = new WeakMap<Socket, LocalCaller>();

/** Notes who connects, before the first byte is read. @param look asks the kernel, of a file descriptor; throws where nobody is there any more */
export function noteLocalCallers(server: Server, look: (fd: number) => LocalCaller): void {
  const held = new HeldConnections(CONNECTIONS_A_USER);
  server.maxConnections = CONNECTIONS;
  server.prependListener('connection', (socket: Socket) => {
    try {
      const caller = look(descriptorOf(socket));
      callers.set(socket, caller);
      held.add(addressAt(socket), socket);
    } catch {
      socket.destroy();
    }
  });
}

/** Absent for a connection over IP. */
export function localCallerAt(socket: Socket): LocalCaller | undefined {
  return callers.get(socket);
}

/** As the limits count and the record keeps it: `127.0.0.1`; `uid=1000` over a unix socket. */
export function addressAt(socket: Socket): string {
  const caller = callers.get(socket);
  return caller ? `uid=${String(caller.uid)}` : (socket.remoteAddress ?? '');
}

/** What stands for a token where the kernel says who calls. */
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

/** Node says it of files only. */
function descriptorOf(socket: Socket): number {
  return (socket as unknown as { readonly _handle: { readonly fd: number } })._handle.fd;
}
