import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { addressKey, isLoopbackAddress } from './address-key.ts';
import { HeldConnections } from './held-connections.ts';

const CONNECTIONS = 512;
/** Does not apply to loopback: all connections may come from one proxy. */
const CONNECTIONS_PER_ADDRESS = 128;

/** Limits the open connections, so that no single remote address can use them all up. At the limit, idle ones are closed for the next client. */
export function boundConnections(server: Server): void {
  const held = new HeldConnections(CONNECTIONS_PER_ADDRESS);
  server.maxConnections = CONNECTIONS;
  // Clients keep idle connections for later requests, and repeat those requests on a new connection.
  server.on('drop', () => {
    server.closeIdleConnections();
  });
  server.on('connection', (socket: Socket) => {
    const { remoteAddress } = socket;
    // A unix socket has no address: see noteLocalCallers.
    if (remoteAddress !== undefined && !isLoopbackAddress(remoteAddress)) held.add(addressKey(remoteAddress), socket);
  });
}
