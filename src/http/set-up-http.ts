import helmet from '@fastify/helmet';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { IncomingMessage } from 'node:http';
import { Readiness } from '../application/change/readiness.ts';
import { WriteLock } from '../application/change/write-lock.ts';
import { ProcessMemory } from '../application/ports/process-memory.ts';
import { bearerIn } from './server/bearer.ts';
import { localCallerAt } from './server/local-callers.ts';
import { RequestQueue } from './server/request-queue.ts';
import { ProbeResponses } from './host/probe-responses.ts';
import { responseHeaders, simulatedMark } from './edge/response-headers.ts';
import { CONTROLLERS } from './controllers.ts';
import { refuseUndeclaredRoutes } from './access/declared-access.ts';
import { admitOrigins } from './edge/cross-origin.ts';
import { isProbe } from './server/probe-paths.ts';
import { checkHostAndOrigin } from './edge/host-allow-list.ts';
import type { HttpOptions } from './edge/http-options.ts';
import { KnownRoutes } from './edge/known-routes.ts';
import { admitByMemory } from './limits/admit-by-memory.ts';
import { limitRate } from './limits/limit-rate.ts';
import { RateLimits } from './limits/rate-limits.ts';
import { logRequests } from './logging/log-requests.ts';
import { countRequests } from './metrics/count-requests.ts';
import { HttpMetrics } from './metrics/http-metrics.ts';
import { servePage } from './page/page.ts';
import { refuseAmbiguous } from './edge/refuse-ambiguous.ts';
import { refuseEncodedBodies } from './edge/refuse-encoded-bodies.ts';
import { handleConditionalReads } from './preconditions/conditional-reads.ts';
import { serveDocuments } from './openapi/serve-documents.ts';

const PROBES_LOGGED = ['debug', 'trace'];

/** Changes before reads. To be called after all hooks are added. */
function prioritise(app: NestFastifyApplication, { logLevel }: HttpOptions): void {
  const fastify = app.getHttpAdapter().getInstance();
  const [limits, lock, readiness] = [app.get(RateLimits), app.get(WriteLock), app.get(Readiness)];
  const probes = new ProbeResponses(app.get(HttpMetrics), () => readiness.isRecent() || readiness.recent());
  if (!PROBES_LOGGED.includes(logLevel)) probes.learnFrom(fastify);
  new RequestQueue({
    isKnown: (request) => isKnown(limits, request),
    isChanging: () => lock.isInUse,
    answerProbe: (request, response, framework) => probes.answer(request, response, framework),
  }).insertInto(fastify.server);
}

/** Whether a client has recently proved who it is. */
function isKnown(limits: RateLimits, { headers, socket }: IncomingMessage): boolean {
  const secret = bearerIn(headers.authorization);
  return secret === undefined ? (localCallerAt(socket)?.scopes.length ?? 0) > 0 : limits.isKnown(secret);
}

/** Sets up everything for HTTP except the controllers. Call it before the application is initialised; it is then ready to listen. */
export async function setUpHttp(app: NestFastifyApplication, options: HttpOptions): Promise<void> {
  refuseUndeclaredRoutes(CONTROLLERS);
  const fastify = app.getHttpAdapter().getInstance();
  const routes = app.get(KnownRoutes);
  fastify.decorateRequest('token', null);
  fastify.decorateRequest('requireIfMatch', options.requireIfMatch);
  fastify.decorateRequest('openMetrics', options.openMetrics);
  logRequests(fastify);
  countRequests(fastify, app.get(HttpMetrics));
  fastify.addHook('onRoute', ({ url, method }) => {
    routes.add(url, method);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.headers(responseHeaders(options, request.id, request.url));
    done();
  });
  refuseAmbiguous(fastify);
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (!isProbe(request.url)) checkHostAndOrigin(request.method, request.headers, options);
    done();
  });
  const limits = app.get(RateLimits);
  limitRate(fastify, limits);
  admitByMemory(fastify, app.get(ProcessMemory), (request) => isKnown(limits, request));
  refuseEncodedBodies(fastify);
  admitOrigins(fastify, options.allowedOrigins);
  fastify.addHook('preSerialization', (_request, _reply, payload, done) => {
    done(null, typeof payload === 'object' ? { ...payload, ...simulatedMark(options) } : payload);
  });
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    done(null, endsWithoutLine(reply.getHeader('content-type'), payload) ? `${payload}\n` : payload);
  });
  handleConditionalReads(fastify);
  // No HSTS and no upgrade, even with TLS: they would apply to every port of the host name, and a proxy in front can send its own.
  await app.register(helmet, {
    strictTransportSecurity: false,
    frameguard: { action: 'deny' },
    contentSecurityPolicy: { directives: { upgradeInsecureRequests: null, baseUri: ["'none'"], frameAncestors: ["'none'"] } },
  });
  servePage(app);
  serveDocuments(app, options.readDocument);
  prioritise(app, options);
  await app.init();
  await fastify.ready();
}

/** A JSON text. With a line end, a terminal shows the prompt on a line of its own. */
function endsWithoutLine(type: unknown, payload: unknown): payload is string {
  return typeof payload === 'string' && /^application\/(problem\+)?json/.test(String(type)) && !payload.endsWith('\n');
}
