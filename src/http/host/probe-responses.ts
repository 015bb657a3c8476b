import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { ambiguityIn } from '../edge/refuse-ambiguous.ts';
import { requestIdOf } from '../edge/response-headers.ts';
import type { HttpMetrics } from '../metrics/http-metrics.ts';
import { isProbe } from '../server/probe-paths.ts';

interface Known {
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

/** Headers of requests to which the framework may respond differently. */
const UNUSUAL = ['origin', 'transfer-encoding', 'content-length', 'expect', 'upgrade'];

/**
 * Responds to probes in a tenth of the time that the framework needs, because every client may send them without a token. Each successful
 * response of the framework is kept and repeated with another request id. Everything else is left to the framework: failures, unusual
 * requests, and all requests if they are logged.
 */
export class ProbeResponses {
  private readonly known = new Map<string, Known>();
  private readonly metrics: HttpMetrics;
  private readonly isReady: () => Promise<void> | true;
  private isStopped = false;

  /** @param isReady rejects if the service is not ready */
  constructor(metrics: HttpMetrics, isReady: () => Promise<void> | true) {
    this.metrics = metrics;
    this.isReady = isReady;
  }

  /** Keeps the responses of the framework. To be called after all other hooks of the instance are added. */
  learnFrom(fastify: Pick<FastifyInstance, 'addHook'>): void {
    fastify.addHook('onSend', (request: FastifyRequest, reply, payload, done) => {
      if (isUsual(request.raw) && isProbe(request.url) && reply.statusCode === 200 && typeof payload === 'string') {
        const headers = { ...(reply.getHeaders() as OutgoingHttpHeaders), 'content-length': Buffer.byteLength(payload) };
        this.known.set(request.url, { headers, body: payload });
      }
      done(null, payload);
    });
    // A service that stops tells its clients to close their connections.
    fastify.addHook('preClose', (done) => {
      this.isStopped = true;
      done();
    });
  }

  /** @returns false if only the framework can respond */
  answer(request: IncomingMessage, response: ServerResponse, framework: () => void): boolean {
    const { url = '' } = request;
    const known = this.isStopped || !isUsual(request) ? undefined : this.known.get(url);
    if (!known) return false;
    const startedAt = performance.now();
    const respond = (): void => {
      this.respond(request, response, known, startedAt);
    };
    const ready = url === '/readyz' ? this.isReady() : true;
    if (ready === true) respond();
    else ready.then(respond, framework);
    return true;
  }

  private respond(request: IncomingMessage, response: ServerResponse, { headers, body }: Known, startedAt: number): void {
    response.once('close', () => {
      const seconds = (performance.now() - startedAt) / 1_000;
      this.metrics.addRequest({ method: 'GET', route: request.url, status: 200, seconds });
    });
    response.writeHead(200, { ...headers, 'x-request-id': requestIdOf(request) }).end(body);
  }
}

/** Only paths without a query are kept, so that their number is bounded. */
function isUsual(request: IncomingMessage): boolean {
  const { method, url = '', headers } = request;
  return (
    method === 'GET' && !url.includes('?') && UNUSUAL.every((name) => headers[name] === undefined) && ambiguityIn(request) === undefined
  );
}
