import { LogController } from 'fastify';
import type { RequestListener } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { HttpOptions } from './edge/http-options.ts';
import { loggerOptions } from './logging/logger.ts';
import { clientErrorHandler, frameworkErrors } from './problem/framework-errors.ts';
import { requestIdOf } from './edge/response-headers.ts';
import { newServer } from './server/new-server.ts';

const BODY_LIMIT_BYTES = 64 * 1024;

/** Leaves bodies unparsed until the guard has admitted the request (see StrictInputPipe). */
class BytesAdapter extends FastifyAdapter {
  override registerParserMiddleware(): void {
    const fastify = this.getInstance();
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
      done(null, body);
    });
  }
}

export function newAdapter(options: HttpOptions): FastifyAdapter {
  return new BytesAdapter({
    logger: loggerOptions(options.logLevel, options.formatLine),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: requestIdOf,
    requestIdHeader: false,
    bodyLimit: BODY_LIMIT_BYTES,
    schemaController: { compilersFactory: { buildValidator: unused, buildSerializer: unused } },
    serverFactory: (handler: RequestListener) => newServer(handler, options),
    return503OnClosing: false,
    frameworkErrors: frameworkErrors(options),
    clientErrorHandler: clientErrorHandler(options),
  });
}

/** Instead of Fastify's compilers of JSON schemas, which take time to load: routes have classes with class-validator, not schemas. */
function unused(): never {
  throw new Error('Expected a route without a JSON schema.');
}
