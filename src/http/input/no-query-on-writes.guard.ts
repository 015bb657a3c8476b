import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { foundIn, printable } from './printable.ts';

/** Refuses query parameters on requests that change something: ignoring `PATCH …?dryRun=true` would carry out the change. */
export class NoQueryOnWritesGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { method, query } = context.switchToHttp().getRequest<FastifyRequest<{ Querystring: Record<string, unknown> }>>();
    const sent = Object.entries(query);
    if (method === 'GET' || method === 'HEAD' || sent.length === 0) return true;
    throw new ConntrackError('INVALID_REQUEST', `${method} takes no query parameters.`, {
      errors: sent.map(([name, value]) => ({
        field: printable(name),
        expected: 'no query parameter; send fields in the body',
        ...foundIn(value),
      })),
    });
  }
}
