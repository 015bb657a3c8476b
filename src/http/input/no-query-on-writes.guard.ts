import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { foundIn, printable } from './printable.ts';

/** Somebody who writes `PATCH …?dryRun=true` means it: what is not understood must not be ignored by a request that changes things. */
export class NoQueryOnWritesGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { method, query } = context.switchToHttp().getRequest<FastifyRequest<{ Querystring: Record<string, unknown> }>>();
    const sent = Object.entries(query);
    if (method === 'GET' || method === 'HEAD' || sent.length === 0) return true;
    throw new ConntrackError('INVALID_REQUEST', `${method} takes no query parameters.`, {
      errors: sent.map(([name, value]) => ({
        field: printable(name),
        expected: 'no query parameter; fields go into the body',
        ...foundIn(value),
      })),
    });
  }
}
