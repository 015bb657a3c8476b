import { Catch, HttpStatus, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { ERRORS } from '../../domain/error-codes.ts';
import { KnownRoutes } from '../edge/known-routes.ts';
import { toConntrackError, toLoggable } from './to-conntrack-error.ts';
import { toProblem } from './problem.ts';

/** About the duration of a dump of a large table. */
const RETRY_AFTER_SECONDS = '5';

/** Turns every error into a problem document. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly routes: KnownRoutes) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const error = this.orMethodNotAllowed(toConntrackError(exception), request, reply);
    const problem = toProblem(error, request.id);
    if (problem.status >= 500) request.log.error({ err: toLoggable(exception), code: problem.code }, problem.title);
    if (reply.sent || reply.raw.headersSent) return;
    if (problem.status === HttpStatus.TOO_MANY_REQUESTS.valueOf() && !reply.hasHeader('retry-after'))
      reply.header('retry-after', RETRY_AFTER_SECONDS);
    reply.code(problem.status).type('application/problem+json').send(problem);
  }

  /** Turns 404 into 405 if the path has other methods. Includes `GET /changes/rollback-to`, which the router matches as a change id. */
  private orMethodNotAllowed(error: ConntrackError, request: FastifyRequest, reply: FastifyReply): ConntrackError {
    if (ERRORS[error.code].status !== 404) return error;
    const allowed = this.routes.methodsAt(request.url);
    if (allowed.length === 0 || allowed.includes(request.method)) return error;
    reply.header('allow', allowed.join(', '));
    return new ConntrackError(
      'METHOD_NOT_ALLOWED',
      `${request.method} is not allowed here; ${allowed.join(', ')} ${allowed.length > 1 ? 'are' : 'is'}.`,
    );
  }
}
