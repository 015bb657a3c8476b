import { createHash } from 'node:crypto';
import { ConntrackError } from '../../domain/conntrack-error.ts';

const VERSION = 1;

/**
 * The start of the next page, bound to its filter: with another filter, pages would overlap or have gaps. Clients must treat it as
 * opaque.
 */
export function encodeCursor(position: string | number, filter: object): string {
  return Buffer.from(JSON.stringify([VERSION, fingerprint(filter), position])).toString('base64url');
}

/** @throws ConntrackError `INVALID_CURSOR` unless {@link encodeCursor} created the cursor for this filter. */
export function decodeCursor<K extends 'string' | 'number'>(cursor: string, filter: object, kind: K): K extends 'string' ? string : number {
  const position = positionIn(cursor);
  if (typeof position !== kind || encodeCursor(position as string | number, filter) !== cursor) {
    throw new ConntrackError('INVALID_CURSOR', 'The cursor belongs to another list or to other filters.', {
      errors: [{ field: 'cursor', expected: 'nextCursor of the previous page, with the same filters' }],
      remedy: 'Send the filters of the first page with each nextCursor, or start again without a cursor.',
    });
  }
  return position as K extends 'string' ? string : number;
}

function positionIn(cursor: string): unknown {
  try {
    const parts = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown;
    return Array.isArray(parts) ? parts[2] : undefined;
  } catch {
    return undefined;
  }
}

function fingerprint(filter: object): string {
  const canonical = JSON.stringify(Object.entries(filter).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(canonical).digest('base64url').slice(0, 16);
}
