import type { EntryScope } from '../ports/kernel.ts';

/** @param namespace `null`: the service's own */
export function scopeIn(namespace: string | null): EntryScope {
  return namespace === null ? {} : { namespace };
}
