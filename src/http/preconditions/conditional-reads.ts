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

/** The answer carries a strong ETag, of its bytes unless the route sets another, and is a 304 to whoever has it already. */
export function ConditionalRead(): MethodDecorator {
  return applyDecorators(
    RouteConfig({ hasEtag: true }),
    ApiHeader(IF_NONE_MATCH),
    ApiResponse({ status: 304, description: 'The client has it already.', headers: ETAG }),
  );
}

/** What {@link ConditionalRead} promises. */
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
    // The router takes the length, and then the body, away from an answer to HEAD itself.
    done(null, request.method === 'HEAD' ? payload : null);
  });
}
