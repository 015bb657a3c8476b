import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Authenticate } from '../../application/access/authenticate.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { ERRORS } from '../../domain/error-codes.ts';
import type { Token } from '../../domain/token.ts';
import { RateLimits } from '../limits/rate-limits.ts';
import { addressAt, localCallerAt, tokenOf } from '../server/local-callers.ts';
import { ACCESS, type Access } from './access.decorator.ts';
import { bearerIn, challenge } from '../server/bearer.ts';
import { EndStreams } from './end-streams.ts';

/** Admits a request if its token is valid and has every scope that the route declares. */
@Injectable()
export class ScopeGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authentication: Authenticate,
    private readonly streams: EndStreams,
    private readonly limits: RateLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.get<Access>(ACCESS, context.getHandler());
    if (access.kind === 'open') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (access.orOpenMetrics === true && request.openMetrics) return true;
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const token = await this.authenticate(request, reply);
    request.token = token;
    const missing = access.scopes.filter((scope) => !token.scopes.includes(scope));
    if (missing.length === 0) {
      if (request.method === 'GET') this.streams.watch(token, reply.raw);
      return true;
    }
    reply.header('www-authenticate', challenge('insufficient_scope', access.scopes));
    throw new ConntrackError('INSUFFICIENT_SCOPE', `Token ${token.name} lacks ${missing.join(' and ')}.`, {
      remedy: `Use a token with the scopes ${access.scopes.join(', ')}.`,
    });
  }

  private async authenticate(request: FastifyRequest, reply: FastifyReply): Promise<Token> {
    const secret = bearerIn(request.headers.authorization);
    if (secret === undefined) return this.withoutToken(request, reply);
    try {
      const token = await this.authentication.run(secret);
      this.limits.verified(secret);
      return token;
    } catch (error) {
      if (error instanceof ConntrackError && ERRORS[error.code].status === 401) {
        this.limits.failed(addressAt(request.socket), secret);
        reply.header('www-authenticate', challenge('invalid_token'));
      }
      throw error;
    }
  }

  /** On a unix socket, the peer credentials from the kernel are equivalent to a token. */
  private withoutToken({ headers, socket }: FastifyRequest, reply: FastifyReply): Token {
    const caller = localCallerAt(socket);
    if (caller && caller.scopes.length > 0 && headers.authorization === undefined) return tokenOf(caller);
    reply.header('www-authenticate', challenge());
    throw new ConntrackError('UNAUTHENTICATED', 'The request has no bearer token.', {
      remedy: caller
        ? `Send Authorization: Bearer <token>: --socket-peers grants user ${String(caller.uid)} no scopes without a token.`
        : 'Send Authorization: Bearer <token>. Create a token with conntrack-api token create.',
    });
  }
}
