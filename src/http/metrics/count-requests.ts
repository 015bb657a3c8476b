import type { FastifyInstance } from 'fastify';
import { ERROR_CODES, type ErrorCode } from '../../domain/error-codes.ts';
import type { HttpMetrics } from './http-metrics.ts';

/** Counts every request that the router could read, and every problem that one is answered with. */
export function countRequests(fastify: Pick<FastifyInstance, 'addHook'>, figures: HttpMetrics): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request;
    figures.addRequest({ method, route: routeOptions.url, status: reply.statusCode, seconds: reply.elapsedTime / 1_000 });
    done();
  });
  fastify.addHook('preSerialization', (request, reply, payload, done) => {
    const code = reply.statusCode < 400 ? undefined : codeOf(payload);
    if (code !== undefined) figures.addProblem(code);
    request.problem = code ?? null;
    done(null, payload);
  });
}

function codeOf(payload: unknown): ErrorCode | undefined {
  const said = typeof payload === 'object' && payload !== null && 'code' in payload ? payload.code : undefined;
  return ERROR_CODES.find((code) => code === said);
}
