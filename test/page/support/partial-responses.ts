import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PartialResponses {
  readonly url: string;
  /** Resolves when a response has begun. */
  readonly begun: Promise<unknown>;
  /** Resolves when the client has disconnected. */
  readonly cut: Promise<unknown>;
  stop(): Promise<void>;
}

/** A server that starts a 401 response and never completes it. */
export async function startPartialResponses(): Promise<PartialResponses> {
  const begun = Promise.withResolvers<unknown>();
  const closed = Promise.withResolvers<unknown>();
  const server = createServer((_request, response) => {
    response.writeHead(401, { 'content-type': 'application/problem+json' });
    response.write('{"title": "', begun.resolve);
    response.on('close', closed.resolve);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`,
    begun: begun.promise,
    cut: closed.promise,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
