import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { HttpOptions } from './http-options.ts';

const WELL_FORMED = /^[A-Za-z0-9._-]{1,128}$/;

/** The caller's `X-Request-Id` where it is safe to repeat in logs and headers, else a new UUID. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const sent = request.headers['x-request-id'];
  return typeof sent === 'string' && WELL_FORMED.test(sent) ? sent : randomUUID();
}

/** Headers that every answer carries, problems included. */
export function responseHeaders({ simulated }: HttpOptions, requestId: string, url: string): Readonly<Record<string, string>> {
  return {
    'x-request-id': requestId,
    // The pages' scripts and styles may be cached; nothing that tells about the host may.
    ...(!url.startsWith('/docs') && { 'cache-control': 'no-store' }),
    ...(simulated && { 'conntrack-simulated': 'true' }),
  };
}

/** Added to every JSON object that is answered, so that nobody mistakes a demonstration for the host. */
export function simulatedMark({ simulated }: HttpOptions): { readonly simulated?: true } {
  return simulated ? { simulated } : {};
}
