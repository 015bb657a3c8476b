import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { etagOf, isNoneMatch } from './etag.ts';
import { ETAG, IF_NONE_MATCH } from './headers.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly hasEtag?: boolean;
  }
}

/** The response has a strong ETag, computed from its bytes unless the route sets another. If the client already has it, the response is 304. */
export function ConditionalRead(): MethodDecorator {
  return applyDecorators(
    RouteConfig({ hasEtag: true }),
    ApiHeader(IF_NONE_MATCH),
    ApiResponse({ status: 304, description: 'Not modified: the client already has this version.', headers: ETAG }),
  );
}

/** Implements {@link ConditionalRead}. */
export function handleConditionalReads(fastify: Pick<FastifyInstance, 'addHook'>): void {
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (request.routeOptions.config.hasEtag !== true || reply.statusCode !== 200 || typeof payload !== 'string') {
      done(null, payload);
      return;
    }
    const etag = String(reply.getHeader('etag') ?? etagOf(payload));
    reply.header('etag', etag);
    const sent = request.headers['if-none-match'];
    if (sent === undefined || isNoneMatch(sent, etag)) {
      done(null, payload);
      return;
    }
    reply.code(304).removeHeader('content-type');
    // For HEAD, the router itself computes the length and removes the body.
    done(null, request.method === 'HEAD' ? payload : null);
  });
}
