import type { Caller } from '../../domain/token.ts';

/** The service itself, as the record names it. @param requestId what it does it for */
export function serviceCaller(requestId: string): Caller {
  return { actor: { tokenId: 'service', name: 'conntrack-api', peer: 'local' }, requestId, scopes: [] };
}
