import type { FastifyReply, FastifyRequest } from 'fastify';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { responseHeaders, simulatedMark } from '../edge/response-headers.ts';
import type { HttpOptions } from '../edge/http-options.ts';
import { toConntrackError } from './to-conntrack-error.ts';
import { toProblem } from './problem.ts';

/** For requests that the router refuses before any hook or filter runs (`/%zz`). */
export function frameworkErrors(options: HttpOptions) {
  return (error: Error, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = { ...toProblem(toConntrackError(error), request.id), ...simulatedMark(options) };
    void reply
      .headers(responseHeaders(options, request.id, request.url))
      .code(problem.status)
      .type('application/problem+json')
      .send(problem);
  };
}

const REFUSED: Readonly<Record<string, { readonly status: number; readonly detail: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, detail: 'The headers are larger than 16 KiB.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: 'The request did not arrive in time.' },
};

/** For input that is not an HTTP request: there is a socket, but no request to log and no reply to use. */
export function clientErrorHandler(options: HttpOptions) {
  return (error: Error & { readonly code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || isHandshakeFailure(error) || !socket.writable) {
      socket.destroy();
      return;
    }
    const { status, detail } = REFUSED[error.code ?? ''] ?? { status: 400, detail: 'This is not a valid HTTP request.' };
    socket.end(rawProblem(options, status, detail), () => {
      socket.destroy();
    });
  };
}

/** After a failed handshake there is no connection for a response. */
function isHandshakeFailure({ code = '' }: { readonly code?: string }): boolean {
  return code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS');
}

/** A complete response that closes the connection. */
export function rawProblem(options: HttpOptions, status: number, detail: string): string {
  const requestId = randomUUID();
  const problem = { ...toProblem(new ConntrackError('INVALID_REQUEST', detail), requestId), status, ...simulatedMark(options) };
  return rawResponse(status, responseHeaders(options, requestId, ''), JSON.stringify(problem));
}

function rawResponse(status: number, headers: Readonly<Record<string, string>>, body: string): string {
  const all = {
    ...headers,
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`, ...lines, '', body].join('\r\n');
}
