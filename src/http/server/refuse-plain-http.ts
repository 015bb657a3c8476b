import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { HttpOptions } from '../edge/http-options.ts';
import { rawProblem } from '../problem/framework-errors.ts';

/** Time limit for the first byte, and again for the whole handshake. */
export const HANDSHAKE_MILLISECONDS = 10_000;
const TLS_HANDSHAKE = 0x16;

/** Sends a problem document to clients that speak plain HTTP to the TLS port, and does not just close the connection. Reads only the first bytes. */
export function refusePlainHttp(server: Server, options: HttpOptions): void {
  const [startHandshake] = server.listeners('connection');
  if (!startHandshake) throw new Error('The TLS server has no connection listener.');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    const giveUp = (): void => void socket.destroy();
    socket.setTimeout(HANDSHAKE_MILLISECONDS, giveUp).on('error', giveUp);
    socket.once('data', (first: Buffer) => {
      socket.setTimeout(0).off('timeout', giveUp);
      if (first[0] !== TLS_HANDSHAKE) {
        socket.end(rawProblem(options, 400, 'This port speaks TLS only: use https://.'), giveUp);
        return;
      }
      socket.pause();
      socket.unshift(first);
      socket.off('error', giveUp);
      startHandshake.call(server, socket);
    });
  });
}
