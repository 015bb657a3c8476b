import type { IncomingMessage } from 'node:http';

const ZERO = /^0+$/;

/**
 * The `traceparent` header of W3C Trace Context: `00-` trace id, parent id and flags in lower-case hexadecimal. A later version may have more
 * fields, which are left out. Anything else is ignored, as the standard demands.
 */
export function traceparentOf({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  const sent = headers['traceparent'];
  if (typeof sent !== 'string') return undefined;
  const [, version, trace = '', parent = '', more] = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/.exec(sent) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  return ZERO.test(trace) || ZERO.test(parent) ? undefined : sent.slice(0, sent.length - (more ?? '').length);
}
