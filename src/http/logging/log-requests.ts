import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ErrorCode } from '../../domain/error-codes.ts';
import { isProbe } from '../server/probe-paths.ts';
import { TokenBuckets } from '../limits/token-buckets.ts';
import { addressAt } from '../server/local-callers.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Code of the problem document that answers it. */
    problem: ErrorCode | null;
  }
}

const PATH_CHARACTERS = 200;
/** A token of ours or a JWT, where somebody takes it for a part of the path. */
const SECRET = /ctapi_[\w-]+|eyJ[\w-]+(\.[\w-]*)*/g;
/** Of requests refused before anybody was let in: whoever sends them shall not fill a disk. */
const REFUSED_A_SECOND = 1;
const REFUSED_AT_ONCE = 30;

/**
 * A line for each request once it is answered: who, what, how it ended, how long it took. No header and no query, which could hold secrets.
 * Probes are logged at `debug`. Those refused before they were let in are counted (`conntrack_api_http_problems_total`); beyond 30 at once and one
 * a second only their number is logged, with the next line of their kind.
 */
export function logRequests(fastify: Pick<FastifyInstance, 'addHook' | 'decorateRequest'>): void {
  fastify.decorateRequest('problem', null);
  const room = new TokenBuckets(REFUSED_A_SECOND, REFUSED_AT_ONCE, 1, () => performance.now());
  let unlogged = 0;
  fastify.addHook('onResponse', (request, reply, done) => {
    const { statusCode, elapsedTime } = reply;
    const isRefused = request.token === null && statusCode >= 400;
    if (isRefused && room.take('refused') > 0) unlogged += 1;
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
    path: url.split('?', 1)[0]?.replace(SECRET, '…').slice(0, PATH_CHARACTERS),
    from: addressAt(socket),
    ...(token && { actor: token.name, tokenId: token.id }),
    ...(problem !== null && { code: problem }),
  };
}
