import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { addressKey, isLoopbackAddress } from './address-key.ts';
import { HeldConnections } from './held-connections.ts';

const CONNECTIONS = 512;
/** Does not apply to loopback: all connections may come from one proxy. */
const CONNECTIONS_PER_ADDRESS = 128;
/** A connection that has sent nothing for so long is closed if others may need its place. */
const SILENT_MILLISECONDS = 250;

/** Limits the open connections, so that no single remote address can use them all up. At the limit, idle ones are closed for the next client. */
export function boundConnections(server: Server): void {
  const held = new HeldConnections(CONNECTIONS_PER_ADDRESS);
  // One that has sent nothing yet is not idle for Node.
  const opened = new Map<Socket, number>();
  server.maxConnections = CONNECTIONS;
  let again: NodeJS.Timeout | undefined;
  // Clients keep idle connections for later requests, and repeat those requests on a new connection.
  const closeUnused = (): void => {
    server.closeIdleConnections();
    const before = performance.now() - SILENT_MILLISECONDS;
    for (const [socket, openedAt] of opened) if (socket.bytesRead === 0 && openedAt < before) socket.destroy();
  };
  const makeRoom = (): void => {
    closeUnused();
    again ??= setTimeout(() => {
      again = undefined;
      closeUnused();
    }, SILENT_MILLISECONDS * 1.2).unref();
  };
  server.on('drop', makeRoom);
  server.on('connection', (socket: Socket) => {
    const { remoteAddress } = socket;
    opened.set(socket, performance.now());
    // Before the limit, so that the next client is not refused.
    if (opened.size >= server.maxConnections - 1) makeRoom();
    socket.once('close', () => opened.delete(socket));
    // A unix socket has no address: see noteLocalCallers.
    if (remoteAddress !== undefined && !isLoopbackAddress(remoteAddress)) held.add(addressKey(remoteAddress), socket);
  });
}
