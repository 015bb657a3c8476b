import { readdirSync, readFileSync } from 'node:fs';
import { ConntrackError, errnoOf } from '../domain/conntrack-error.ts';
import { RAISE_NOFILE } from '../domain/exhausted.ts';

/** Stays free for what requests and changes open. */
export const DESCRIPTOR_RESERVE = 10;

/** How many more file descriptors this process may open; `undefined` without /proc. */
export function freeDescriptors(): number | undefined {
  try {
    const limit = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? undefined : Math.max(0, Number(limit) - readdirSync('/proc/self/fd').length);
  } catch (error) {
    // Reading them needs a descriptor.
    if (errnoOf(error) === 'EMFILE') return 0;
    if (errnoOf(error) !== undefined) return undefined;
    throw error;
  }
}

/**
 * @param what opens them, for the message
 * @throws ConntrackError `RESOURCES_EXHAUSTED` if so many more would leave too few for connections: without one, a connection is closed
 *   without a response
 */
export function requireDescriptors(what: string, count: number): void {
  const free = freeDescriptors();
  if (free === undefined || free >= count + DESCRIPTOR_RESERVE) return;
  const detail = `The limit on open files is too low: ${what} needs ${count}, and ${DESCRIPTOR_RESERVE} must stay free. Found: ${free} are free.`;
  throw new ConntrackError('RESOURCES_EXHAUSTED', detail, { errno: 'EMFILE', remedy: RAISE_NOFILE });
}
