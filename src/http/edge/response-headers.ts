import type { HttpOptions } from './http-options.ts';

/** Headers that every answer carries, problems included. */
export function answerHeaders({ simulated }: HttpOptions, requestId: string, url: string): Readonly<Record<string, string>> {
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
