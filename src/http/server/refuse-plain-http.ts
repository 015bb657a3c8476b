import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { HttpOptions } from '../edge/http-options.ts';
import { rawProblem } from '../problem/framework-errors.ts';

/** For the first byte, and again for the whole handshake. */
export const HANDSHAKE_MILLISECONDS = 10_000;
const TLS_HANDSHAKE = 0x16;

/** Who speaks plain HTTP to a port that speaks TLS is told so, and not just cut off. Nothing is read but the first bytes. */
export function refusePlainHttp(server: Server, options: HttpOptions): void {
  const [shakeHands] = server.listeners('connection');
  if (!shakeHands) throw new Error('A TLS server listens to its connections.');
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
      shakeHands.call(server, socket);
    });
  });
}
