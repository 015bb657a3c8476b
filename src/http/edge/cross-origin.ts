import type { FastifyInstance } from 'fastify';

const METHODS = 'GET, HEAD, POST, PATCH, DELETE';
const SENT = 'Authorization, Content-Type, Accept, If-Match, If-None-Match, Idempotency-Key, Last-Event-ID, X-Request-Id';
const SHOWN =
  'Conntrack-Dump-Outcome, Conntrack-Entries, Conntrack-Journal-Head, Conntrack-Simulated, ETag, Location, RateLimit, RateLimit-Policy, ' +
  'Retry-After, WWW-Authenticate, X-Request-Id';
const PREFLIGHT_SECONDS = '600';

/** Lets browsers show answers to the pages of these origins, and to no others: without them there is no `Access-Control-…` header at all. */
export function admitOrigins(fastify: Pick<FastifyInstance, 'addHook'>, allowedOrigins: readonly string[]): void {
  if (allowedOrigins.length === 0) return;
  fastify.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    if (origin === undefined || !allowedOrigins.includes(origin)) {
      done();
      return;
    }
    reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': SHOWN });
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) {
      done();
      return;
    }
    reply.headers({
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': SENT,
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
