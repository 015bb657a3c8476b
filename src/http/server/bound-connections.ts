import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { addressKey, isLoopbackAddress } from '../limits/address-key.ts';

const CONNECTIONS = 512;
/** From this machine as many as there are: a proxy may be all of them. */
const CONNECTIONS_AN_ADDRESS = 128;

/** Nobody else can take every place by holding connections open. */
export function boundConnections(server: Server): void {
  const held = new Map<string, number>();
  server.maxConnections = CONNECTIONS;
  server.on('connection', (socket: Socket) => {
    const { remoteAddress = '' } = socket;
    if (isLoopbackAddress(remoteAddress)) return;
    const address = addressKey(remoteAddress);
    const count = (held.get(address) ?? 0) + 1;
    held.set(address, count);
    socket.once('close', () => {
      const left = (held.get(address) ?? 1) - 1;
      if (left === 0) held.delete(address);
      else held.set(address, left);
    });
    if (count > CONNECTIONS_AN_ADDRESS) socket.destroy();
  });
}
