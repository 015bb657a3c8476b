import type { FastifyInstance } from 'fastify';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { bearerIn } from '../server/bearer.ts';
import { isProbe } from '../server/probe-paths.ts';
import { addressAt } from '../server/local-callers.ts';
import type { Allowance, RateLimits } from './rate-limits.ts';

/** Refuses requests over the limit before anything is verified, parsed or read. Probes are exempt: a refused probe would restart the service. */
export function limitRate(fastify: Pick<FastifyInstance, 'addHook'>, limits: RateLimits): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const allowance = isProbe(request.url) ? undefined : limits.count(addressAt(request.socket), bearerIn(request.headers.authorization));
    if (allowance) reply.headers(rateLimitHeaders(allowance));
    if (allowance && allowance.waitMilliseconds > 0) {
      reply.header('retry-after', String(Math.ceil(allowance.waitMilliseconds / 1_000)));
      throw refusal(allowance);
    }
    done();
  });
}

/** As in draft-ietf-httpapi-ratelimit-headers-10: the quota and its window, the remaining quota and the time until it is full again. */
function rateLimitHeaders({ policy, burst, perSecond, remaining }: Allowance): Readonly<Record<string, string>> {
  const secondsUntilFull = Math.ceil((burst - remaining) / perSecond);
  return {
    'ratelimit-policy': `"${policy}";q=${String(burst)};w=${String(Math.ceil(burst / perSecond))}`,
    ratelimit: `"${policy}";r=${String(remaining)};t=${String(secondsUntilFull)}`,
  };
}

function refusal({ policy, burst, perSecond }: Allowance): ConntrackError {
  const limit =
    policy === 'failures'
      ? `${String(burst)} invalid tokens per minute`
      : `${String(perSecond)} requests per second (burst: ${String(burst)})`;
  return new ConntrackError('RATE_LIMITED', `This ${policy === 'token' ? 'token' : 'address'} exceeds ${limit}.`, {
    remedy: 'Wait for the time in Retry-After, in seconds. The option --rate-limit sets the number of requests per second.',
  });
}
