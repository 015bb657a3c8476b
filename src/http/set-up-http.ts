import helmet from '@fastify/helmet';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { answerHeaders, simulatedMark } from './answer-headers.ts';
import { CONTROLLERS } from './controllers.ts';
import { refuseUndeclaredRoutes } from './access/declared-access.ts';
import { checkHostAndOrigin } from './host-allow-list.ts';
import type { HttpOptions } from './http-options.ts';
import { KnownRoutes } from './known-routes.ts';
import { countRequests } from './metrics/count-requests.ts';
import { HttpFigures } from './metrics/http-figures.ts';
import { servePage } from './page/page.ts';
import { answerConditionalReads } from './preconditions/conditional-reads.ts';
import { serveDocuments } from './openapi/serve-documents.ts';

/** Asked by address, not by name; they tell nothing about the host. */
const PROBES = ['/healthz', '/readyz'];

/** Everything about HTTP that is not a controller. To be called before the application is initialised; leaves it ready to listen. */
export async function setUpHttp(app: NestFastifyApplication, options: HttpOptions): Promise<void> {
  refuseUndeclaredRoutes(CONTROLLERS);
  const fastify = app.getHttpAdapter().getInstance();
  const routes = app.get(KnownRoutes);
  fastify.decorateRequest('token', null);
  fastify.decorateRequest('requireIfMatch', options.requireIfMatch);
  fastify.decorateRequest('openMetrics', options.openMetrics);
  countRequests(fastify, app.get(HttpFigures));
  fastify.addHook('onRoute', ({ url, method }) => {
    routes.add(url, method);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.headers(answerHeaders(options, request.id, request.url));
    if (!PROBES.includes(request.url.split('?', 1)[0] ?? '')) checkHostAndOrigin(request.headers, options.allowedHosts);
    done();
  });
  fastify.addHook('preSerialization', (_request, _reply, payload, done) => {
    done(null, typeof payload === 'object' ? { ...payload, ...simulatedMark(options) } : payload);
  });
  answerConditionalReads(fastify);
  // No TLS here: neither HSTS nor upgrading the pages' own requests to https could work.
  await app.register(helmet, { strictTransportSecurity: false, contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } });
  await servePage(app);
  serveDocuments(app);
  await app.init();
  await fastify.ready();
}
