import type { FastifyInstance } from 'fastify';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { bearerIn } from '../server/bearer.ts';
import { isProbe } from '../server/probe-paths.ts';
import { addressAt } from '../server/local-callers.ts';
import type { Allowance, RateLimits } from './rate-limits.ts';

const WHAT_CAME_TOO_OFTEN: Readonly<Record<Allowance['policy'], string>> = {
  token: 'This token is used more often than',
  address: 'More requests come from this address than',
  failures: 'More tokens that are not valid come from this address than',
};

/** Before anything is verified, parsed or read for a request. Probes are never refused: they would take the service for dead. */
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

/** As draft-ietf-httpapi-ratelimit-headers-10: a quota and its window, what is left of it and for how long. */
function rateLimitHeaders({ policy, burst, perSecond, remaining }: Allowance): Readonly<Record<string, string>> {
  const secondsUntilFull = Math.ceil((burst - remaining) / perSecond);
  return {
    'ratelimit-policy': `"${policy}";q=${String(burst)};w=${String(Math.ceil(burst / perSecond))}`,
    ratelimit: `"${policy}";r=${String(remaining)};t=${String(secondsUntilFull)}`,
  };
}

function refusal({ policy, burst, perSecond }: Allowance): ConntrackError {
  const rate = policy === 'failures' ? `${String(burst)} a minute` : `${String(perSecond)} times a second, ${String(burst)} at once`;
  return new ConntrackError('RATE_LIMITED', `${WHAT_CAME_TOO_OFTEN[policy]} ${rate}.`, {
    remedy: 'Wait for as long as Retry-After says; --rate-limit sets how many requests a second are answered.',
  });
}
