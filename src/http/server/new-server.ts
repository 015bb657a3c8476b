import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { HttpOptions, ServerCertificate } from '../edge/http-options.ts';
import { boundConnections } from './bound-connections.ts';
import { HANDSHAKE_MILLISECONDS, refusePlainHttp } from './refuse-plain-http.ts';

/** A client that takes longer to send its request is disconnected within 14 s. */
const LIMITS: ServerOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 12_000,
  connectionsCheckingInterval: 2_000,
  // Longer than the 60 s for which proxies keep idle connections, so that a proxy does not use one that is being closed.
  keepAliveTimeout: 65_000,
  insecureHTTPParser: false,
  requireHostHeader: true,
};

/** Longer than any response takes to start, and than the interval of heartbeats in a stream. */
const IDLE_MILLISECONDS = 120_000;

export function newServer(handler: RequestListener, options: HttpOptions): Server {
  const server = options.certificate ? newTlsServer(handler, options, options.certificate) : createServer(LIMITS, handler);
  // With a limit, Node would silently drop further headers, possibly `Origin`. The total size is limited anyway.
  server.maxHeadersCount = 0;
  server.timeout = IDLE_MILLISECONDS;
  boundConnections(server);
  return server;
}

function newTlsServer(handler: RequestListener, options: HttpOptions, certificate: ServerCertificate): Server {
  const server = createTlsServer(
    {
      ...LIMITS,
      ...secureContext(certificate.material),
      requestCert: certificate.material.clientCa !== undefined,
      rejectUnauthorized: true,
      handshakeTimeout: HANDSHAKE_MILLISECONDS,
    },
    handler,
  );
  certificate.onRenewed((material) => {
    server.setSecureContext(secureContext(material));
  });
  refusePlainHttp(server, options);
  return server;
}

function secureContext({ cert, key, clientCa }: ServerCertificate['material']): SecureContextOptions {
  return { cert, key, minVersion: 'TLSv1.2', ...(clientCa && { ca: clientCa }) };
}
