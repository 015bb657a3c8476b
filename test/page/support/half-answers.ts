import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HalfAnswers {
  readonly url: string;
  /** Resolves when an answer was begun. */
  readonly begun: Promise<unknown>;
  /** Resolves when whoever asked has gone away. */
  readonly cut: Promise<unknown>;
  stop(): Promise<void>;
}

/** A server that begins to refuse a token, and never comes to the end of saying why. */
export async function startHalfAnswers(): Promise<HalfAnswers> {
  const begun = Promise.withResolvers<unknown>();
  const gone = Promise.withResolvers<unknown>();
  const server = createServer((_request, response) => {
    response.writeHead(401, { 'content-type': 'application/problem+json' });
    response.write('{"title": "', begun.resolve);
    response.on('close', gone.resolve);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`,
    begun: begun.promise,
    cut: gone.promise,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
