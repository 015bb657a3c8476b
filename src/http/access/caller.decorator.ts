import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { traceparentOf } from '../server/trace-context.ts';
import { addressAt } from '../server/local-callers.ts';
import type { Caller as CallerOf, Scope, Token } from '../../domain/token.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard; null on open routes. */
    token: Token | null;
    /** Whether /metrics needs no token. */
    openMetrics: boolean;
  }
}

const requestIn = (context: ExecutionContext): FastifyRequest => context.switchToHttp().getRequest<FastifyRequest>();

/** The token that the guard accepted. */
export const AcceptedToken = createParamDecorator((_data: unknown, context: ExecutionContext): Token => acceptedToken(requestIn(context)));

/** The caller, as changes record it. */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext): CallerOf => {
  const request = requestIn(context);
  const { id, name, scopes } = acceptedToken(request);
  const traceparent = traceparentOf(request);
  return {
    actor: { tokenId: id, name, peer: addressAt(request.socket) },
    requestId: request.id,
    ...(traceparent !== undefined && { traceparent }),
    scopes,
  };
});

function acceptedToken({ token }: FastifyRequest): Token {
  if (token === null) throw new Error('An open route has no caller.');
  return token;
}

/** For scopes that depend on the body, which the route's declaration cannot cover. @throws ConntrackError `INSUFFICIENT_SCOPE` */
export function requireScopes(caller: CallerOf, scopes: readonly Scope[], purpose: string): void {
  const missing = scopes.filter((scope) => !caller.scopes.includes(scope));
  if (missing.length > 0) {
    throw new ConntrackError('INSUFFICIENT_SCOPE', `Token ${caller.actor.name} lacks ${missing.join(' and ')}, needed for ${purpose}.`);
  }
}
