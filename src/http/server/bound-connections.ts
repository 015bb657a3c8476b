import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { addressKey, isLoopbackAddress } from './address-key.ts';
import { HeldConnections } from './held-connections.ts';

const CONNECTIONS = 512;
/** From this machine as many as there are: a proxy may be all of them. */
const CONNECTIONS_AN_ADDRESS = 128;

/** Nobody else can take every place by holding connections open. */
export function boundConnections(server: Server): void {
  const held = new HeldConnections(CONNECTIONS_AN_ADDRESS);
  server.maxConnections = CONNECTIONS;
  server.on('connection', (socket: Socket) => {
    const { remoteAddress } = socket;
    // A unix socket has none: see noteLocalCallers.
    if (remoteAddress !== undefined && !isLoopbackAddress(remoteAddress)) held.add(addressKey(remoteAddress), socket);
  });
}
