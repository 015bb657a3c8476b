import type { FastifyInstance } from 'fastify';

const METHODS = 'GET, HEAD, PUT, POST, PATCH, DELETE';
const REQUEST_HEADERS =
  'Authorization, Content-Type, Accept, If-Match, If-None-Match, Idempotency-Key, Last-Event-ID, Traceparent, X-Request-Id';
const EXPOSED_HEADERS =
  'Conntrack-Dump-Outcome, Conntrack-Entries, Conntrack-Journal-Head, Conntrack-Simulated, ETag, Location, RateLimit, RateLimit-Policy, ' +
  'Retry-After, WWW-Authenticate, X-Request-Id';
const PREFLIGHT_SECONDS = '600';

/** Lets pages of these origins read responses in a browser (CORS). Without any, no response has an `Access-Control-…` header. */
export function admitOrigins(fastify: Pick<FastifyInstance, 'addHook'>, allowedOrigins: readonly string[]): void {
  if (allowedOrigins.length === 0) return;
  fastify.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    if (origin === undefined || !allowedOrigins.includes(origin)) {
      done();
      return;
    }
    reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED_HEADERS });
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) {
      done();
      return;
    }
    reply.headers({
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': REQUEST_HEADERS,
      'access-control-max-age': PREFLIGHT_SECONDS,
    });
    reply.code(204).send();
  });
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    const varies = reply.getHeader('vary');
    reply.header('vary', varies === undefined ? 'Origin' : `${String(varies)}, Origin`);
    done();
  });
}
