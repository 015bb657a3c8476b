import { SetMetadata, type CanActivate, type ExecutionContext, type Type } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyRequest } from 'fastify';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { foundIn, printable } from './printable.ts';
import { fieldsOf } from './strict-input.pipe.ts';

const IGNORED = 'ignoredQuery';
const NOTHING_ACCEPTED: ReadonlySet<string> = new Set();

/** The route accepts and ignores this query parameter. `*`: every one. */
export function IgnoresQuery(name: string): MethodDecorator {
  return SetMetadata(IGNORED, name);
}

/**
 * Refuses query parameters that a route does not have. To ignore one would return what the client did not request, as with `namespace`, or
 * carry out what it wanted to preview, as with `PATCH …?dryRun=true`.
 */
export class KnownQueryGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const handler = context.getHandler();
    const { method, query } = context.switchToHttp().getRequest<FastifyRequest<{ Querystring: Record<string, unknown> }>>();
    if (Object.keys(query).length === 0) return true;
    const ignored = Reflect.getMetadata(IGNORED, handler) as string | undefined;
    const accepted = queryParametersOf(context.getClass(), handler.name);
    const unknown = Object.entries(query).filter(([name]) => !accepted.has(name) && name !== ignored);
    if (unknown.length === 0 || ignored === '*') return true;
    const isRead = method === 'GET' || method === 'HEAD';
    const expected = expectation(accepted, isRead);
    throw new ConntrackError(isRead ? 'INVALID_FILTER' : 'INVALID_REQUEST', `Unknown query parameter: expected ${expected}.`, {
      errors: unknown.map(([name, value]) => ({ field: printable(name), expected, ...foundIn(value) })),
    });
  }
}

/** The fields of the DTO that the handler takes as its `@Query()`. */
function queryParametersOf(controller: Type, handler: string): ReadonlySet<string> {
  const decorated = Object.keys((Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler) ?? {}) as object);
  const query = decorated.find((key) => key.startsWith(`${RouteParamtypes.QUERY}:`));
  if (query === undefined) return NOTHING_ACCEPTED;
  const types = Reflect.getMetadata('design:paramtypes', controller.prototype as object, handler) as readonly (new () => object)[];
  const type = types[Number(query.split(':')[1])];
  return type ? fieldsOf(type) : NOTHING_ACCEPTED;
}

function expectation(accepted: ReadonlySet<string>, isRead: boolean): string {
  const names = accepted.size === 0 ? 'no query parameter' : `one of ${[...accepted].sort().join(', ')}`;
  return isRead ? names : `${names}; send other fields in the body`;
}
