import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ErrorCode } from '../../domain/error-codes.ts';
import { traceparentOf } from '../server/trace-context.ts';
import { isProbe } from '../server/probe-paths.ts';
import { TokenBuckets } from '../limits/token-buckets.ts';
import { addressAt } from '../server/local-callers.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Code of the problem document in the response. */
    problem: ErrorCode | null;
  }
}

const PATH_CHARACTERS = 200;
/** A token of this service or a JWT, in case a client puts it into the path. */
const SECRET = /ctapi_[\w-]+|eyJ[\w-]+(\.[\w-]*)*/g;
/** The id of an entry encodes its addresses. The operations below `/entries` are not ids. */
const ENTRY_ID = /(\/entries\/)(?!(?:summary|delete|flush)(?:\/|$))[^/]+/;
/** Limit for requests refused before authentication, so that they cannot fill the disk. */
const REFUSED_PER_SECOND = 1;
const REFUSED_AT_ONCE = 30;

/**
 * Logs a line per request after the response: client, method and path, status, duration, and the trace of a valid `traceparent`. Never other headers or the query, which could contain
 * secrets, and never the id of an entry, which contains its addresses. Probes are logged at `debug`. Requests refused before authentication are logged up to 30 at once and one per second; the number of
 * those not logged is in the next such line, and all are counted in `conntrack_api_http_problems_total`.
 */
export function logRequests(fastify: Pick<FastifyInstance, 'addHook' | 'decorateRequest'>): void {
  fastify.decorateRequest('problem', null);
  const budget = new TokenBuckets(REFUSED_PER_SECOND, REFUSED_AT_ONCE, 1, () => performance.now());
  let unlogged = 0;
  fastify.addHook('onRequest', (request, _reply, done) => {
    const traceparent = traceparentOf(request);
    if (traceparent !== undefined) request.log = request.log.child({ traceparent });
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const { statusCode, elapsedTime } = reply;
    const isRefused = request.token === null && statusCode >= 400;
    if (isRefused && budget.take('refused') > 0) unlogged += 1;
    else {
      const line = {
        ...lineOf(request),
        status: statusCode,
        milliseconds: Math.round(elapsedTime),
        ...(isRefused && unlogged > 0 && { unlogged }),
      };
      if (isRefused) unlogged = 0;
      if (isProbe(request.url)) request.log.debug(line, 'request');
      else request.log.info(line, 'request');
    }
    done();
  });
}

function lineOf({ method, url, socket, token, problem }: FastifyRequest): Readonly<Record<string, unknown>> {
  return {
    method,
    path: url.split('?', 1)[0]?.replace(SECRET, '…').replace(ENTRY_ID, '$1…').slice(0, PATH_CHARACTERS),
    from: addressAt(socket),
    ...(token && { actor: token.name, tokenId: token.id }),
    ...(problem !== null && { code: problem }),
  };
}
