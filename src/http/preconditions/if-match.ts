import type { ChangeTerms } from '../../application/change/change-terms.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { foundIn } from '../input/printable.ts';
import { etagsIn, settingsEtagOf } from './etag.ts';

/**
 * The condition that an `If-Match` header puts on the live state. A weak tag never matches (RFC 9110, 13.1.1).
 *
 * @throws ConntrackError `INVALID_REQUEST`; `PRECONDITION_REQUIRED` if it is required and missing.
 */
export function expectationIn(ifMatch: string | undefined, isRequired: boolean): ChangeTerms['isExpected'] {
  if (ifMatch === undefined) {
    if (isRequired) throw required();
    return null;
  }
  if (ifMatch === '*') return () => true;
  const tags = etagsIn(ifMatch);
  if (tags) return (state) => tags.includes(settingsEtagOf(state));
  throw new ConntrackError('INVALID_REQUEST', 'The If-Match header is not a list of entity tags.', {
    errors: [{ field: 'If-Match', expected: '* or a comma-separated list of ETags in double quotes', ...foundIn(ifMatch) }],
  });
}

function required(): ConntrackError {
  return new ConntrackError('PRECONDITION_REQUIRED', 'This service is configured to require If-Match.', {
    remedy: 'Read GET /api/v1/settings and send its ETag as If-Match.',
  });
}
