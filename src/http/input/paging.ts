import { ConntrackError } from '../../domain/conntrack-error.ts';
import { foundIn } from './printable.ts';

const PAGE_LIMIT_MAX = 1000;
const PAGE_PARAMETERS = ['cursor', 'count'] as const;

/** @param what is listed, in the plural @throws ConntrackError `INVALID_FILTER` if the limit exceeds the size of a page */
export function pageLimit(what: string, limit = '100'): number {
  if (Number(limit) <= PAGE_LIMIT_MAX) return Number(limit);
  throw new ConntrackError('INVALID_FILTER', `limit: a page has at most ${PAGE_LIMIT_MAX} ${what}. A stream has no maximum.`, {
    errors: [{ field: 'limit', expected: `an integer from 1 to ${PAGE_LIMIT_MAX}`, ...foundIn(limit) }],
  });
}

/** @throws ConntrackError `INVALID_FILTER` for parameters that do not apply to a stream */
export function requireNoPage(query: Partial<Record<(typeof PAGE_PARAMETERS)[number], string>>): void {
  const paging = PAGE_PARAMETERS.filter((field) => query[field] !== undefined);
  if (paging.length === 0) return;
  throw new ConntrackError('INVALID_FILTER', `A stream has no pages: use ${paging.join(' and ')} with JSON only.`, {
    errors: paging.map((field) => ({ field, expected: 'no such parameter for a stream', ...foundIn(query[field]) })),
  });
}
