import type { ChangeTerms } from '../../application/change/change-terms.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { foundIn } from '../input/printable.ts';
import { etagsIn, settingsEtagOf } from './etag.ts';

/** Whether an `If-Match` header names this entity tag. A weak tag never matches (RFC 9110, 13.1.1). */
export type EtagCheck = (etag: string) => boolean;

/**
 * The condition that an `If-Match` header puts on the live state.
 *
 * @throws ConntrackError as {@link etagCheckIn}
 */
export function expectationIn(ifMatch: string | undefined, isRequired: boolean): ChangeTerms['isExpected'] {
  const matches = etagCheckIn(ifMatch, isRequired, 'settings');
  return matches && (ifMatch === '*' ? () => true : (state) => matches(settingsEtagOf(state)));
}

/**
 * @param resource what is under /api/v1 has the tag
 * @throws ConntrackError `INVALID_REQUEST`; `PRECONDITION_REQUIRED` if it is required and missing.
 */
export function etagCheckIn(ifMatch: string | undefined, isRequired: boolean, resource: string): EtagCheck | null {
  if (ifMatch === undefined) {
    if (isRequired) throw required(resource);
    return null;
  }
  if (ifMatch === '*') return () => true;
  const tags = etagsIn(ifMatch);
  if (tags) return (etag) => tags.includes(etag);
  throw new ConntrackError('INVALID_REQUEST', 'The If-Match header is not a list of entity tags.', {
    errors: [{ field: 'If-Match', expected: '* or a comma-separated list of ETags in double quotes', ...foundIn(ifMatch) }],
  });
}

function required(resource: string): ConntrackError {
  return new ConntrackError('PRECONDITION_REQUIRED', 'This service is configured to require If-Match.', {
    remedy: `Read GET /api/v1/${resource} and send its ETag as If-Match.`,
  });
}
