import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { HttpOptions } from './http-options.ts';

const WELL_FORMED = /^[A-Za-z0-9._-]{1,128}$/;

/** The client's `X-Request-Id` if it is safe in logs and headers, otherwise a new UUID. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const sent = request.headers['x-request-id'];
  return typeof sent === 'string' && WELL_FORMED.test(sent) ? sent : randomUUID();
}

/** Headers of every response, problems included. */
export function responseHeaders({ simulated }: HttpOptions, requestId: string, url: string): Readonly<Record<string, string>> {
  return {
    'x-request-id': requestId,
    // Scripts and styles of Swagger UI may be cached; data about the host may not.
    ...(!url.startsWith('/docs') && { 'cache-control': 'no-store' }),
    ...(simulated && { 'conntrack-simulated': 'true' }),
  };
}

/** Added to every JSON object in a response, so that a demonstration is not mistaken for the host. */
export function simulatedMark({ simulated }: HttpOptions): { readonly simulated?: true } {
  return simulated ? { simulated } : {};
}
