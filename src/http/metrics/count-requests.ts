import type { FastifyInstance } from 'fastify';
import { ERROR_CODES, type ErrorCode } from '../../domain/error-codes.ts';
import type { HttpMetrics } from './http-metrics.ts';

/** Counts every request that reaches the router, and every problem document. */
export function countRequests(fastify: Pick<FastifyInstance, 'addHook'>, httpMetrics: HttpMetrics): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request;
    httpMetrics.addRequest({ method, route: routeOptions.url, status: reply.statusCode, seconds: reply.elapsedTime / 1_000 });
    done();
  });
  fastify.addHook('preSerialization', (request, reply, payload, done) => {
    const code = reply.statusCode < 400 ? undefined : codeOf(payload);
    if (code !== undefined) httpMetrics.addProblem(code);
    request.problem = code ?? null;
    done(null, payload);
  });
}

function codeOf(payload: unknown): ErrorCode | undefined {
  const code = typeof payload === 'object' && payload !== null && 'code' in payload ? payload.code : undefined;
  return ERROR_CODES.find((known) => known === code);
}
